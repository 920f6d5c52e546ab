"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.reference_data import import_pages, pages

PAGES = (pages.router, import_pages.router)
