"""Cards: the encoders that write them, and the order to write one.

Seam writes an access method onto one card, once; a further card is a further access method.
"""

from collections.abc import Collection

from seam_workspace import answers
from seam_workspace.attempts import Attempts
from seam_workspace.errors import AnswerLost, SeamRefused
from seam_workspace.existing import CardWriting, Encoder


class Cards(Attempts):
    """Encoders are read, and told to write. No card's number is read, kept or told anywhere."""

    def encoders(self, system_ids: Collection[str] | None = None) -> list[Encoder]:
        """The encoders of these access systems; None: of the whole workspace. Raises `SeamError`.

        Contract: `/acs/encoders/list`.
        """
        if system_ids is not None and not system_ids:
            return []
        of = {} if system_ids is None else {"acs_system_ids": sorted(system_ids)}
        return self._pages("acs/encoders/list", self._seam.acs.encoders.list, of, answers.encoder)

    def encode_card(self, access_method_id: str, encoder_id: str) -> CardWriting:
        """Has an encoder write a card, and does not wait for it: `card_writing` says later what came of it. Never sent
        twice: where the answer is lost, nobody knows whether a card is being written. Raises `SeamError` where Seam
        refuses it.

        Contract: `/access_methods/encode` gives an action attempt (`ENCODE_CREDENTIAL`).
        """
        try:
            return self._call(
                "access_methods/encode",
                lambda: answers.card_writing(
                    self._seam.access_methods.encode(
                        access_method_id=access_method_id, acs_encoder_id=encoder_id, wait_for_action_attempt=False
                    )
                ),
                repeatable=False,
            )
        except AnswerLost:
            return CardWriting(None, None)
        except SeamRefused as refused:
            why = answers.without_numbers(str(refused))
            raise SeamRefused(why, status=refused.status or 400, code=refused.code) from None

    def card_writing(self, attempt_id: str) -> CardWriting:
        """What has become of an order to write a card by now. Raises `SeamError`."""
        return self._attempt(attempt_id, answers.card_writing)
