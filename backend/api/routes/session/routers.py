"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.session import pages

PAGES = (pages.router,)
