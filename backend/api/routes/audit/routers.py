"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.audit import pages, rest

PAGES = (pages.router,)
REST = (rest.router,)
