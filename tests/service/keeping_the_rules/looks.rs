//! The rules of looks: of their answers, of budgets and of findings.

/// A row of each table that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into look_tallies values ('person', '1', 1, 2, 1);
    insert into look_findings values ('019371b8-1c00-7000-8000-000000000009', now(), 1,
        'near-budget', 'person', '1', 80);
    insert into access_answers values ('019371b8-1c00-7000-8000-000000000009', now(), 200,
        sha256('body'), sha256('access'));
    insert into request_looks values ('client', '019371b8-1c00-7000-8000-000000000009', 0,
        sha256('question'), '019371b8-1c00-7000-8000-000000000009', now());
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 13] = [
    (
        "a_questions_digest_is_sha_256",
        "update request_looks set question = ''",
    ),
    (
        "a_request_looks_at_places_from_nought",
        "update request_looks set place = -1",
    ),
    (
        "an_answer_has_a_status",
        "insert into access_answers values (gen_random_uuid(), now(), 0, sha256(''), sha256(''))",
    ),
    (
        "an_answers_digest_is_sha_256",
        "insert into access_answers values (gen_random_uuid(), now(), 200, '', sha256(''))",
    ),
    (
        "an_accesss_digest_is_sha_256",
        "insert into access_answers values (gen_random_uuid(), now(), 200, sha256(''), '')",
    ),
    (
        "a_budget_is_a_persons_an_organisations_or_a_clients",
        "update look_tallies set holder = 'ward'",
    ),
    (
        "no_more_looks_miss_than_there_are",
        "update look_tallies set misses = 3",
    ),
    (
        "a_finding_is_told_once_in_an_hour",
        "insert into look_findings select gen_random_uuid(), found_at, found_in_hour, kind, \
         holder, key, count from look_findings",
    ),
    (
        "a_finding_is_of_a_known_kind",
        "update look_findings set kind = 'guilt'",
    ),
    (
        "a_finding_is_of_a_person_an_organisation_or_a_client",
        "update look_findings set holder = 'ward'",
    ),
    (
        "a_finding_counts_something",
        "update look_findings set count = 0",
    ),
    (
        "a_closed_finding_says_what_came_of_it",
        "update look_findings set closed_at = found_at",
    ),
    (
        "a_finding_is_closed_after_it_is_found",
        "update look_findings set closed_at = found_at - interval '1 s', outcome = 'a'",
    ),
];
