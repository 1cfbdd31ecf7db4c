"""The sandbox's children, by what they are for, and what the tests of every client look for."""

ONE_PLAN = "9990000026"
TWO_PLANS = "9990000042"
TWO_AUTHORITIES = "9990000050"
NO_PLAN = "9990000018"
NOT_AN_NHS_NUMBER = "9990000019"

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"
CHILD_PROTECTION_PLAN = "342191000000101"
UNBORN_CHILD_PROTECTION_PLAN = "818901000000100"


def of(nhs_number, **more):
    """The search parameters that name a child, and more."""
    return {"patient:identifier": f"{NHS_NUMBER}|{nhs_number}", **more}
