"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.processes import draft_pages, explain_pages, explain_rest, pages, preview_pages, rest

PAGES = (pages.router, draft_pages.router, explain_pages.router, preview_pages.router)
REST = (rest.router, explain_rest.router)
