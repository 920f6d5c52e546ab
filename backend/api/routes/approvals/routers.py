"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.approvals import (
    action_pages,
    action_rest,
    bulk_pages,
    bulk_rest,
    claim_pages,
    correct_pages,
    decision_link_pages,
    inbox_pages,
    pages,
    rest,
    saved_filter_pages,
)

PAGES = tuple(
    each.router
    for each in (
        inbox_pages,
        saved_filter_pages,
        bulk_pages,
        pages,
        claim_pages,
        correct_pages,
        action_pages,
        decision_link_pages,
    )
)
REST = (bulk_rest.router, rest.router, action_rest.router)
