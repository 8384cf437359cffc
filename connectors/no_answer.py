"""What is said of a PMS that did not answer, or not as it should."""

from mappers.sentences import Said, message, say

TOO_LARGE = message("{who}: the PMS answered with more than {size} at {operation}")
NO_MEMORY = message(
    "{who}: the PMS answered with more than there is memory for beside the large answers of other connections at "
    "{operation}"
)
NOT_THAT = message("{who}: the PMS answered with something that is not {wanted} at {operation}")
ANSWERED = message("{who}: the PMS answered {status} at {operation}")
COME_BACK = message("{who}: the PMS answered {status} and asks us to come back in {seconds} s at {operation}")


def refusal(who: str, operation: str, status: int, request_id: str | None) -> Said:
    """Of a PMS that says no: what it refuses, and what to look at."""
    where = say("{status} at {operation}", status=f"{status}", operation=operation)
    if request_id:
        where = say("{why}, request id {id}", why=where, id=request_id)
    if status == 401:
        told = message(
            "{who}: the PMS refuses the tokens ({where}): check the connection's keys and tokens, that the integration "
            "is enabled, and that this operation is granted to it"
        )
    elif status == 403:
        told = message("{who}: the PMS forbids this ({where}): a rule of the property stands against it")
    elif status == 404 or 300 <= status < 400:
        told = message("{who}: the PMS has nothing at this address ({where}): check base_url")
    else:
        told = message("{who}: the PMS does not accept the request ({where})")
    return say(told, who=who, where=where)
