"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.session import pages, password_pages

PAGES = (pages.router, password_pages.router)
