//! The tables of what R4 demands of the elements of a type
//! (<https://hl7.org/fhir/R4/profilelist.html>).

/// The rules of each type: `name` with `=type` where its value is no plain string, `!` where it
/// must be there, and `[x]` where it stands for one of several names.
pub const RULES: &[(&str, &str)] = &[
    ("Address", "use=code type=code"),
    ("Age", "value=decimal comparator=code system=uri code=code"),
    ("Annotation", "author[x] time=dateTime text=markdown!"),
    (
        "Attachment",
        "contentType=code language=code data=base64Binary url=url size=unsignedInt \
         hash=base64Binary creation=dateTime",
    ),
    (
        "AuditEvent",
        "type! action=code recorded=instant! outcome=code agent! source!",
    ),
    ("AuditEvent.agent", "requestor! policy=uri"),
    ("AuditEvent.agent.network", "type=code"),
    ("AuditEvent.entity", "query=base64Binary"),
    ("AuditEvent.entity.detail", "type! value[x]!"),
    ("AuditEvent.source", "observer!"),
    ("Bundle", "type=code! timestamp=instant total=unsignedInt"),
    ("Bundle.entry", "fullUrl=uri"),
    (
        "Bundle.entry.request",
        "method=code! url=uri! ifModifiedSince=instant",
    ),
    (
        "Bundle.entry.response",
        "status! location=uri lastModified=instant",
    ),
    ("Bundle.entry.search", "mode=code score=decimal"),
    ("Bundle.link", "relation! url=uri!"),
    (
        "CarePlan",
        "instantiatesCanonical=canonical instantiatesUri=uri status=code! intent=code! subject! \
         created=dateTime",
    ),
    (
        "CarePlan.activity.detail",
        "kind=code instantiatesCanonical=canonical instantiatesUri=uri status=code! scheduled[x] \
         product[x]",
    ),
    ("CareTeam", "status=code"),
    ("Coding", "system=uri code=code"),
    ("ContactPoint", "system=code use=code rank=positiveInt"),
    (
        "Count",
        "value=decimal comparator=code system=uri code=code",
    ),
    (
        "Distance",
        "value=decimal comparator=code system=uri code=code",
    ),
    (
        "Duration",
        "value=decimal comparator=code system=uri code=code",
    ),
    ("EpisodeOfCare", "status=code! patient!"),
    ("EpisodeOfCare.diagnosis", "condition! rank=positiveInt"),
    ("EpisodeOfCare.statusHistory", "status=code! period!"),
    ("Extension", "url=uri! value[x]"),
    ("Flag", "status=code! code! subject!"),
    ("HumanName", "use=code"),
    ("Identifier", "use=code system=uri"),
    (
        "Meta",
        "versionId=id lastUpdated=instant source=uri profile=canonical",
    ),
    ("Money", "value=decimal currency=code"),
    ("Narrative", "status=code! div=xhtml!"),
    ("OperationOutcome", "issue!"),
    ("OperationOutcome.issue", "severity=code! code=code!"),
    (
        "Patient",
        "gender=code birthDate=date deceased[x] multipleBirth[x]",
    ),
    ("Patient.communication", "language!"),
    ("Patient.contact", "gender=code"),
    ("Patient.link", "other! type=code!"),
    ("Period", "start=dateTime end=dateTime"),
    (
        "PractitionerRole.availableTime",
        "daysOfWeek=code availableStartTime=time availableEndTime=time",
    ),
    ("PractitionerRole.notAvailable", "description!"),
    (
        "Quantity",
        "value=decimal comparator=code system=uri code=code",
    ),
    ("Reference", "type=uri"),
    (
        "SampledData",
        "origin! period=decimal! factor=decimal lowerLimit=decimal upperLimit=decimal \
         dimensions=positiveInt!",
    ),
    (
        "Signature",
        "type! when=instant! who! targetFormat=code sigFormat=code data=base64Binary",
    ),
];

/// What every resource has.
pub const OF_A_RESOURCE: &str = "id=id implicitRules=uri language=code";

/// The codes of elements that R4 binds to a list which nothing may be added to.
pub const CODES: &[(&str, &str)] = &[
    ("Address.use", "home work temp old billing"),
    ("Address.type", "postal physical both"),
    ("AuditEvent.action", "C R U D E"),
    ("AuditEvent.outcome", "0 4 8 12"),
    ("AuditEvent.agent.network.type", "1 2 3 4 5"),
    (
        "Bundle.type",
        "document message transaction transaction-response batch batch-response history searchset \
         collection",
    ),
    (
        "Bundle.entry.request.method",
        "GET HEAD POST PUT DELETE PATCH",
    ),
    ("Bundle.entry.search.mode", "match include outcome"),
    (
        "CarePlan.status",
        "draft active on-hold revoked completed entered-in-error unknown",
    ),
    ("CarePlan.intent", "proposal plan order option"),
    (
        "CarePlan.activity.detail.kind",
        "Appointment CommunicationRequest DeviceRequest MedicationRequest NutritionOrder Task \
         ServiceRequest VisionPrescription",
    ),
    (
        "CarePlan.activity.detail.status",
        "not-started scheduled in-progress on-hold completed cancelled stopped unknown \
         entered-in-error",
    ),
    (
        "CareTeam.status",
        "proposed active suspended inactive entered-in-error",
    ),
    ("ContactPoint.system", "phone fax email pager url sms other"),
    ("ContactPoint.use", "home work temp old mobile"),
    ("EpisodeOfCare.status", EPISODE_STATUS),
    ("EpisodeOfCare.statusHistory.status", EPISODE_STATUS),
    ("Flag.status", "active inactive entered-in-error"),
    (
        "HumanName.use",
        "usual official temp nickname anonymous old maiden",
    ),
    ("Identifier.use", "usual official temp secondary old"),
    ("Narrative.status", "generated extensions additional empty"),
    (
        "OperationOutcome.issue.severity",
        "fatal error warning information",
    ),
    (
        "OperationOutcome.issue.code",
        "invalid structure required value invariant security login unknown expired forbidden \
         suppressed processing not-supported duplicate multiple-matches not-found deleted too-long \
         code-invalid extension too-costly business-rule conflict transient lock-error no-store \
         exception timeout incomplete throttled informational",
    ),
    ("Patient.gender", GENDER),
    ("Patient.contact.gender", GENDER),
    ("Patient.link.type", "replaced-by replaces refer seealso"),
    (
        "PractitionerRole.availableTime.daysOfWeek",
        "mon tue wed thu fri sat sun",
    ),
    ("Quantity.comparator", "< <= >= >"),
];

const EPISODE_STATUS: &str = "planned waitlist active onhold finished cancelled entered-in-error";
const GENDER: &str = "male female other unknown";
