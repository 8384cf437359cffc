"""Seam's codes in words: what each says of the question whether a door opens, and what a clerk can do about it.

Codes are those of Seam's contract and of its SDK (`seam/resources/*.py`). New ones come all the time, so each is judged
by its kind first: an error means that it does not work, a warning that it may not, a pending mutation that it does not
yet. What stands here says it better, and never more hopefully of an error.

Every text ends the sentence "The door does not open, because ..." or "It is not sure, because ...".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum

from mappers.sentences import say, together
from seam_workspace.existing import UNREADABLE


class Weight(IntEnum):
    """What a code means for the door, the gravest first."""

    SHUT = 0
    """It does not open."""
    CUT_OFF = 1
    """Nothing reaches the lock: it keeps what it was told before, and hears of nothing new."""
    DOUBT = 2
    """It may not open."""
    NOT_YET = 3
    """It is being made or changed."""
    REMARK = 4
    """It opens; something is worth knowing."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Of one code."""

    weight: Weight
    words: str


_S, _C, _D, _N, _R = Weight.SHUT, Weight.CUT_OFF, Weight.DOUBT, Weight.NOT_YET, Weight.REMARK
_LET_IN = say("let the guest in by hand until then")
_CONNECT = say("connect it again under Locks (`nightporter connect`)")
_BRIDGE = say(
    "the computer in the house that joins the lock system to Seam (Seam Bridge) does not answer: "
    "see that it is "
    "switched on and has a network"
)
_SALTO_FULL = say("the Salto site has as many users as it has paid for: delete old users there, or ask Salto for more")
_FULL_SOON = say(
    "the Salto site has nearly as many users as it has paid for: ask Salto for more before new guests get none"
)
_PERMISSIONS = say(
    "the lock maker does not let Seam do it: check the rights of Seam's user there, and the rights of the account"
)
_MAINTENANCE = say("the lock maker has announced maintenance: what is changed meanwhile may come late")
_PRIVACY = say("somebody inside has switched privacy on at the lock, and no PIN opens it until that is switched off")
_ZONE = say("Seam does not know the lock's time zone, so its hours may be wrong: set the time zone at the lock maker's")
_SALTO_CODES = say(
    "the Salto lock may take no PINs since its IQ hub was reset: set PIN access up again in Salto, or use a card"
)
_DORMAKABA = say("a dormakaba site could not be connected: ask dormakaba's support")
_TIMES = say("the lock is being told of the new times")
_PROVISION = say("not every door has it yet")
_OTHER_PIN = say(
    "the PIN is a new one, for the lock did not take the one that was asked for: tell her the one shown here"
)

_UNREADABLE = Meaning(_D, say("what Seam says of it cannot be read, so nobody knows how it is: sync now asks again"))

GRANT: Mapping[str, Meaning] = {
    "cannot_create_requested_access_methods": Meaning(
        _S,
        say(
            "Seam could not make the way in that was asked for: check in Seam that the room's lock can do it; {then}",
            then=_LET_IN,
        ),
    ),
    "access_not_provisioned": Meaning(
        _S,
        say(
            "the lock system refused it, perhaps because the room is still reserved or checked in there "
            "for somebody else: check the room in the lock system, then sync now; {then}",
            then=_LET_IN,
        ),
    ),
    "offline_access_code_not_revocable": Meaning(
        _D, say("a former PIN of hers could not be taken off a lock and still opens it: have that lock reset on site")
    ),
    "being_deleted": Meaning(_S, say("this access is being deleted in Seam: sync now makes it again")),
    "underprovisioned_access": Meaning(_N, _PROVISION),
    "overprovisioned_access": Meaning(_R, say("a door that is no longer hers still has to forget it")),
    "updating_access_times": Meaning(_N, _TIMES),
    "updating_spaces": Meaning(_N, say("its doors are being changed")),
    "requested_code_unavailable": Meaning(_R, _OTHER_PIN),
    "device_does_not_support_access_codes": Meaning(
        _S, say("a lock of this room takes no PINs: choose another way in for it")
    ),
    "device_time_constraints_violated": Meaning(
        _S, say("a lock of this room cannot keep these times: check the stay's dates")
    ),
}
METHOD: Mapping[str, Meaning] = {
    UNREADABLE: Meaning(
        _D, say("what Seam says of a way in cannot be read, and perhaps no lock has it: sync now asks again")
    ),
    "failed_to_issue": Meaning(
        _S, say("the lock did not take it: check that the lock is online, then sync now; {then}", then=_LET_IN)
    ),
    "access_not_provisioned": GRANT["access_not_provisioned"],
    "being_deleted": Meaning(_S, say("this way in is being taken away")),
    "updating_access_times": Meaning(_N, _TIMES),
    "pulled_backup_access_code": Meaning(
        _R,
        say("the PIN is a new one, for the lock was given a spare PIN instead of her own: tell her the one shown here"),
    ),
    "delay_in_issuing": Meaning(_D, say("the lock takes longer than usual to hear of it: check that it is online")),
    "user_identity_missing_email_address": Meaning(
        _S,
        say(
            "the key for her phone is sent by e-mail, and her e-mail address is missing in the PMS: "
            "enter it there, then sync now; {then}",
            then=_LET_IN,
        ),
    ),
    "user_identity_missing_phone_number": Meaning(
        _S,
        say(
            "the key for her phone is sent to her phone number, and that is missing in the PMS: enter it "
            "there, then sync now; {then}",
            then=_LET_IN,
        ),
    ),
    "requested_code_unavailable": Meaning(_R, _OTHER_PIN),
    "provisioning_access": Meaning(_N, _PROVISION),
    "revoking_access": Meaning(_R, say("a door that is no longer hers still has to forget it")),
    "waiting_for_access_on_acs_system": Meaning(
        _N, say("the lock system has not got all of it yet: wait a few minutes, then encode the card")
    ),
}
IDENTITY: Mapping[str, Meaning] = {
    UNREADABLE: Meaning(
        _D, say("what Seam says of this guest cannot be read, so nobody knows what is wrong: sync now asks again")
    ),
    "issue_with_acs_user": Meaning(
        _S,
        say("the lock system has a problem with this guest as its user: look the guest up there; {then}", then=_LET_IN),
    ),
    "being_deleted": Meaning(_S, say("the guest is being deleted in Seam: sync now makes everything again")),
    "acs_user_profile_does_not_match_user_identity": Meaning(
        _D, say("the lock system has another name or address for this guest: a key for her phone may go astray")
    ),
}
USER_SUSPENDED = Meaning(_S, say("the guest is suspended in the lock system, and opens no door: lift that there"))
_USER_GOING = say(
    "the lock system is deleting this guest as its user: if that does not end, ask Seam's support; {then}", then=_LET_IN
)
USER: Mapping[str, Meaning] = {
    UNREADABLE: Meaning(
        _D,
        say("what the lock system says of this guest cannot be read, so nobody knows how it is: sync now asks again"),
    ),
    "deleted_externally": Meaning(
        _S,
        say("somebody has deleted this guest in the lock system: have her entered there again; {then}", then=_LET_IN),
    ),
    "salto_ks_subscription_limit_exceeded": Meaning(_S, _SALTO_FULL),
    "failed_to_create_on_acs_system": Meaning(
        _S, say("the lock system did not take this guest as its user: ask Seam's support; {then}", then=_LET_IN)
    ),
    "failed_to_update_on_acs_system": Meaning(
        _D,
        say("the lock system did not take the last change of this guest, so it may have old times: ask Seam's support"),
    ),
    "failed_to_delete_on_acs_system": Meaning(
        _D, say("the lock system could not delete this guest as its user: look the guest up there")
    ),
    "latch_conflict_with_resident_user": Meaning(
        _S,
        say(
            "the guest is in Latch's Mission Control as well, where Seam may not change her: ask Seam; {then}",
            then=_LET_IN,
        ),
    ),
    "being_deleted": Meaning(_S, _USER_GOING),
    "salto_ks_user_not_subscribed": Meaning(
        _S,
        say(
            "the Salto site has not subscribed this guest, so no door opens: see there whether it has users left, and "
            "subscribe her"
        ),
    ),
    "acs_user_inactive": Meaning(
        _S,
        say(
            "the guest is an inactive user of the lock system, so no door opens: see there whether it has users left, "
            "and activate her"
        ),
    ),
    "unknown_issue_with_acs_user": Meaning(
        _D, say("Seam could not read this guest in the lock system the last time: look her up there")
    ),
    "latch_resident_user": Meaning(
        _D,
        say("the guest is a resident in Latch's Mission Control, and Seam cannot change her: check her access there"),
    ),
    "creating": Meaning(_N, say("the lock system is being told of this guest")),
    "deleting": Meaning(_S, _USER_GOING),
    "deferring_creation": Meaning(_N, say("the lock system hears of this guest when her way in is issued")),
    "updating_user_information": Meaning(_R, say("the lock system is being told of the guest's name and contacts")),
    "updating_access_schedule": Meaning(_N, say("the lock system is being told of the new times")),
    "updating_suspension_state": Meaning(_N, say("the lock system is being told whether the guest is suspended")),
    "updating_group_membership": Meaning(_N, say("the lock system is being told which doors are the guest's")),
    "deferring_group_membership_update": Meaning(_N, say("the lock system is told later which doors are the guest's")),
    "updating_credential_assignment": Meaning(_N, say("the lock system is being told of the guest's way in")),
}
"""Of a guest as a user of an access system."""
CREDENTIAL: Mapping[str, Meaning] = {
    UNREADABLE: METHOD[UNREADABLE],
    "waiting_to_be_issued": Meaning(_N, say("the lock system has not issued it yet")),
    "schedule_externally_modified": Meaning(
        _D, say("somebody has changed the times of her way in in the lock system: check them there")
    ),
    "schedule_modified": Meaning(_R, say("the lock system let her way in begin later, for its start was past")),
    "being_deleted": METHOD["being_deleted"],
    "unknown_issue_with_acs_credential": Meaning(
        _D, say("Seam could not read her way in in the lock system the last time: try it at the door")
    ),
    "needs_to_be_reissued": Meaning(
        _D, say("her doors have changed since her way in was issued: encode a card again at the desk")
    ),
    "requested_code_unavailable": METHOD["requested_code_unavailable"],
}
"""Of a way in, as an access system has it."""
SPACE: Mapping[str, Meaning] = {
    UNREADABLE: _UNREADABLE,
    "being_deleted": Meaning(
        _S,
        say("its room is being deleted in Seam and takes its access with it: sync now makes it again once it is gone"),
    ),
}
ENTRANCE: Mapping[str, Meaning] = {
    UNREADABLE: _UNREADABLE,
    "entrance_removed": Meaning(
        _S, say("it was removed from the lock system: say under Locks which lock the room has now")
    ),
    "salto_ks_entrance_access_code_support_removed": Meaning(_D, _SALTO_CODES),
    "entrance_shares_zone": Meaning(
        _D,
        say("it shares a zone with others in Avigilon Alta and cannot be opened to one guest alone: change the zone"),
    ),
    "entrance_setup_required": Meaning(_D, say("it is not set up completely in its lock system: finish that there")),
    "salto_ks_privacy_mode": Meaning(_S, _PRIVACY),
    "privacy_mode": Meaning(_S, _PRIVACY),
}
DEVICE: Mapping[str, Meaning] = {
    UNREADABLE: _UNREADABLE,
    "account_disconnected": Meaning(_C, say("its lock system does not let Seam in any more: {then}", then=_CONNECT)),
    "bridge_disconnected": Meaning(_C, _BRIDGE),
    "salto_ks_subscription_limit_exceeded": Meaning(_C, _SALTO_FULL),
    "insufficient_permissions": Meaning(_C, _PERMISSIONS),
    "dormakaba_sites_disconnected": Meaning(_C, _DORMAKABA),
    "device_offline": Meaning(_C, say("it is offline: check its power and network")),
    "device_disconnected": Meaning(_C, say("it is offline: check its power and network")),
    "hub_disconnected": Meaning(_C, say("its hub is offline: check the hub's power and network")),
    "device_removed": Meaning(_S, say("it was removed from its account: say under Locks which lock the room has now")),
    "empty_backup_access_code_pool": Meaning(_D, say("it has no spare PINs left, should her own not be taken")),
    "august_lock_not_authorized": Meaning(
        _C, say("the account may not manage this August lock: make it an owner there")
    ),
    "missing_device_credentials": Meaning(_C, say("Seam lacks the credentials of this lock: enter them in Seam")),
    "auxiliary_heat_running": Meaning(_D, say("Seam says of it that auxiliary heat is running, which no lock does")),
    "subscription_required": Meaning(_C, say("its maker asks for a subscription: see to it in the maker's account")),
    "partial_backup_access_code_pool": Meaning(_R, say("it has few spare PINs left")),
    "many_active_backup_codes": Meaning(_R, say("many of its spare PINs are in use")),
    "third_party_integration_detected": Meaning(
        _D, say("another service sets PINs on it as well and may delete hers: switch that service off for this lock")
    ),
    "ttlock_lock_gateway_unlocking_not_enabled": Meaning(
        _R, say("it cannot be opened from afar: switch on Remote Unlock in the TTLock app")
    ),
    "ttlock_weak_gateway_signal": Meaning(_D, say("its gateway hears it badly: move the gateway nearer")),
    "power_saving_mode": Meaning(
        _D, say("it saves power and may not have heard of the last changes: change its batteries")
    ),
    "temperature_threshold_exceeded": Meaning(_R, say("Seam says of it that a temperature is out of bounds")),
    "device_communication_degraded": Meaning(_D, say("it answers badly: check its batteries and network")),
    "scheduled_maintenance_window": Meaning(_R, _MAINTENANCE),
    "device_has_flaky_connection": Meaning(_D, say("its connection comes and goes: check its network")),
    "salto_ks_office_mode": Meaning(
        _D, say("it is in office mode, in which no PIN opens it: switch that off in Salto")
    ),
    "salto_ks_privacy_mode": Meaning(_S, _PRIVACY),
    "privacy_mode": Meaning(_S, _PRIVACY),
    "salto_ks_subscription_limit_almost_reached": Meaning(_R, _FULL_SOON),
    "salto_ks_lock_access_code_support_removed": Meaning(_D, _SALTO_CODES),
    "unknown_issue_with_phone": Meaning(_D, say("Seam has a problem with a phone that it cannot name")),
    "lockly_time_zone_not_configured": Meaning(_D, _ZONE),
    "ultraloq_time_zone_unknown": Meaning(_D, _ZONE),
    "time_zone_unknown": Meaning(_D, _ZONE),
    "time_zone_mismatch": Meaning(
        _D, say("its clock is set to another time zone, so its hours may be wrong: set it right")
    ),
    "two_n_device_missing_timezone": Meaning(_D, _ZONE),
    "hub_required_for_additional_capabilities": Meaning(
        _D, say("it needs a hub to be told anything from afar: connect one, or give the PIN on site")
    ),
    "provider_issue": Meaning(_D, say("its maker reports a problem with it: see the maker's app")),
    "keynest_unsupported_locker": Meaning(_D, say("the key is in a KeyNest locker that takes no PINs from Seam")),
    "accessory_keypad_setup_required": Meaning(
        _D, say("its keypad is not linked to the bridge, so no PIN reaches it: link it in the Igloohome app")
    ),
    "accessory_keypad_low_battery": Meaning(_R, say("its keypad's batteries are low: change them")),
    "unreliable_online_status": Meaning(_R, say("its maker does not say reliably whether it is online")),
    "max_access_codes_reached": Meaning(_D, say("it holds as many PINs as it can: delete old ones at the lock")),
}
SYSTEM: Mapping[str, Meaning] = {
    UNREADABLE: _UNREADABLE,
    "seam_bridge_disconnected": Meaning(_C, _BRIDGE),
    "bridge_disconnected": Meaning(_C, _BRIDGE),
    "visionline_instance_unreachable": Meaning(
        _C,
        say("the Visionline server in the house cannot be reached: see that it is switched on, and check its address"),
    ),
    "salto_ks_subscription_limit_exceeded": Meaning(_C, _SALTO_FULL),
    "user_license_limit_reached": Meaning(
        _C,
        say(
            "the lock system has as many users as its licence allows, and takes no new guests: delete "
            "old users there, or buy a larger licence"
        ),
    ),
    "insufficient_permissions": Meaning(_C, _PERMISSIONS),
    "acs_system_disconnected": Meaning(_C, say("the lock system is disconnected: {then}", then=_CONNECT)),
    "account_disconnected": Meaning(_C, say("the lock system does not let Seam in any more: {then}", then=_CONNECT)),
    "salto_ks_certification_expired": Meaning(_C, say("the Salto site has lost its certification: ask Seam's support")),
    "provider_service_unavailable": Meaning(
        _C, say("the lock maker's service is down at the moment: it is tried again by itself")
    ),
    "salto_ks_subscription_limit_almost_reached": Meaning(_R, _FULL_SOON),
    "time_zone_does_not_match_location": Meaning(_D, _ZONE),
    "setup_required": Meaning(_D, say("the lock system is not set up completely: finish that in Seam's console")),
    "unknown_issue_with_acs_system": Meaning(
        _D, say("Seam could not read the lock system the last time: what is said of it may be old")
    ),
}
ACCOUNT: Mapping[str, Meaning] = {
    UNREADABLE: _UNREADABLE,
    "account_disconnected": SYSTEM["account_disconnected"],
    "bridge_disconnected": Meaning(_C, _BRIDGE),
    "salto_ks_subscription_limit_exceeded": Meaning(_C, _SALTO_FULL),
    "dormakaba_sites_disconnected": Meaning(_C, _DORMAKABA),
    "scheduled_maintenance_window": Meaning(_R, _MAINTENANCE),
    "unknown_issue_with_connected_account": Meaning(
        _D, say("Seam could not read the account the last time: what is said of its locks may be old")
    ),
    "salto_ks_subscription_limit_almost_reached": Meaning(_R, _FULL_SOON),
    "account_reauthorization_requested": Meaning(
        _R,
        say(
            "the lock maker asks to sign in again before long, or nothing reaches the locks any more: {then}",
            then=_CONNECT,
        ),
    ),
    "being_deleted": Meaning(
        _S, say("the account is being deleted in Seam, and its locks with it: {then}", then=_CONNECT)
    ),
    "provider_service_unavailable": Meaning(
        _D, say("the lock maker's service is down at the moment: it is tried again by itself")
    ),
    "setup_required": Meaning(_D, say("the account is not set up completely: finish that in Seam's console")),
    "dormakaba_sites_unapproved": Meaning(_D, say("a dormakaba site is not approved yet: ask Seam's support")),
}


def meaning_of(table: Mapping[str, Meaning], code: str, unknown: Weight) -> Meaning:
    """What a code means on a resource of that table; one that nobody knows is `unknown`, which is its kind's weight.

    A known code never counts for less than its kind where that is an error.
    """
    known = table.get(code)
    if known is None:
        return Meaning(unknown, say("Seam says {code}", code=said(code)))
    if unknown is Weight.SHUT and known.weight > Weight.DOUBT:
        return Meaning(Weight.DOUBT, known.words)
    return known


def words_of(codes: Collection[str], *tables: Mapping[str, Meaning]) -> str:
    """Sentences for codes of these tables; a code that we do not know is shown as it is."""
    found = []
    for code in dict.fromkeys(codes):
        known = next((table[code] for table in tables if code in table), None)
        found.append(known.words if known is not None else say("Seam says {code}", code=said(code)))
    return together(found)


def said(code: str) -> str:
    """A code as words, cut: it comes from outside."""
    return "".join(one if one.isprintable() else " " for one in code[:80]).replace("_", " ").strip() or "nothing more"
