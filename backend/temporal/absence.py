"""What Temporal does not find: an execution that is gone, or a whole namespace."""

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.service import RPCError, RPCStatusCode


def is_gone(error: RPCError) -> bool:
    """Whether there is no such execution. A missing namespace says nothing about the executions in it."""
    nowhere = any(each.Is(NamespaceNotFoundFailure.DESCRIPTOR) for each in error.grpc_status.details)
    return error.status is RPCStatusCode.NOT_FOUND and not nowhere
