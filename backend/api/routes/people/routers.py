"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.people import pages, substitute_pages, substitute_rest

PAGES = (substitute_pages.router, pages.router)
REST = (substitute_rest.router,)
