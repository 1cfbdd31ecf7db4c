//! The text of the one statement of a disclosure. It begins with the looks that it is for, one or
//! several, in one of the ways below; what follows is the same for all of them. Each value is a
//! numbered placeholder, in the order of the text, that may be named again further on.

/// How the child is named: what stands before and after the first value.
pub(super) const BY_NHS_NUMBER: [&str; 2] = ["select ", "::bigint as nhs_number"];
pub(super) const BY_PATIENT: [&str; 2] = ["select nhs_number from children where id = ", "::uuid"];
pub(super) const BY_PLAN: [&str; 2] = ["select nhs_number from plans where id = ", "::uuid"];
pub(super) const BY_ACCESS: [&str; 2] = [
    "select nhs_number from accesses where id = ",
    "::uuid and recorded_at = moment_of_uuid($1::uuid)",
];

/// What is known of a look beside its child, with its type: the values after the first.
pub(super) const COLUMNS: [(&str, &str); 19] = [
    ("recorded_at", "timestamptz"),
    ("id", "uuid"),
    ("request_id", "uuid"),
    ("client_id", "text"),
    ("place", "smallint"),
    ("question", "bytea"),
    ("interaction", "text"),
    ("asked", "text"),
    ("organisation_code", "text"),
    ("organisation_name", "text"),
    ("practitioner_id", "text"),
    ("practitioner_name", "text"),
    ("role_profile_id", "text"),
    ("job_role_code", "text"),
    ("job_role_name", "text"),
    ("care_setting", "text"),
    ("oldest_due_date", "date"),
    ("oldest_end", "date"),
    ("tells", "boolean"),
];

/// One look: what stands before the child's name, between it and the other values, and behind them.
pub(super) const ONE: [&str; 3] = [
    "with named as (",
    "), looks as (select nhs_number",
    " from named)",
];

/// Several looks by NHS number, each column of them an array: what stands before the numbers,
/// between them and the other arrays, between these and the names of theirs, and behind the names.
pub(super) const SEVERAL: [&str; 4] = [
    "with looks as (select * from unnest(",
    "::bigint[]",
    ") as l (nhs_number",
    "))",
];

/// What puts the looks on record. Plans stand under the number the child has now, and a look is one
/// at that. A request that was a look before is none again: then nothing at all is recorded, shown
/// or told for it.
pub(super) const RECORD: &str = ", subject as (select coalesce(c.replaced_by, l.nhs_number) as \
    number, l.* from looks l left join children c on c.nhs_number = l.nhs_number), \
    asked_once as (insert into request_looks (recorded_at, access_id, request_id, client_id, \
    place, question) select recorded_at, id, request_id, client_id, place, question \
    from subject order by client_id, request_id, place on conflict do nothing \
    returning access_id), \
    recorded as (insert into accesses (nhs_number, recorded_at, id, request_id, client_id, \
    interaction, asked, organisation_code, organisation_name, practitioner_id, \
    practitioner_name, role_profile_id, job_role_code, job_role_name, care_setting) \
    select s.number, s.recorded_at, s.id, s.request_id, s.client_id, s.interaction, s.asked, \
    s.organisation_code, s.organisation_name, s.practitioner_id, s.practitioner_name, \
    s.role_profile_id, s.job_role_code, s.job_role_name, s.care_setting from subject s \
    join asked_once o on o.access_id = s.id \
    returning nhs_number, recorded_at, id, practitioner_id, organisation_code)";

/// A look that is on record already, by its moment and its id, and the days and the telling of the
/// columns above. One whose child has another number by now is none: the plans are under that, and
/// nothing here would read as if there were none.
pub(super) const RECORDED_BEFORE: [&str; 6] = [
    "with recorded as (select nhs_number, recorded_at, id, practitioner_id, organisation_code \
     from accesses l where recorded_at = ",
    "::timestamptz and id = ",
    "::uuid and not exists (select from children c where c.nhs_number = l.nhs_number \
     and c.replaced_by is not null)), looks as (select null::bigint as nhs_number, \
     $2::uuid as id, ",
    "::date as oldest_due_date, ",
    "::date as oldest_end, ",
    "::boolean as tells)",
];

/// What the recorded looks may see, whom they tell, and what is brought back: what stands before
/// and after the last value, the seconds within which nobody is told twice of one author: after the
/// last telling, and before it, too, for a clock that was ahead then must keep nobody from being
/// told for as long.
///
/// Plans of a child whose number no other replaced are hidden. It tells by the looks on record
/// alone, so that one that is answered again tells whoever it did not show before, and nobody twice
/// of itself. Of two looks of one author at one child, whose numbers were two, the first tells.
/// Whoever is told is in one order, as everybody's statement has them, so that none waits for
/// another in a circle.
pub(super) const SEE: [&str; 2] = [
    ", seen as (select r.*, l.nhs_number as asked_nhs_number, l.oldest_due_date, l.oldest_end, \
     l.tells from recorded r join looks l on l.id = r.id), \
     visible as (select r.id as seen_by, p.nhs_number, p.id as plan_id, \
     p.version as plan_version, p.kind, \
     p.local_id, p.start_date, p.effective_end_date, p.end_is_computed, \
     p.updated_at as plan_updated_at, p.upload_id, c.id as child_id, c.birth_date, \
     c.updated_at as child_updated_at, a.id as authority_id, a.code as authority_code, \
     a.name as authority_name, a.emergency_phone, a.office_phone, \
     a.version as authority_version, a.updated_at as authority_updated_at \
     from seen r join plans p on p.nhs_number = r.nhs_number \
     join children c on c.nhs_number = p.nhs_number and c.inactive_since is null \
     join authorities a on a.id = p.authority_id where p.deleted_on is null \
     and p.effective_end_date >= case p.kind when 'UCPP' then r.oldest_due_date \
     else r.oldest_end end), \
     told as (insert into tellings as t (nhs_number, authority_id, practitioner_id, \
     organisation_code, told_at) select v.nhs_number, v.authority_id, \
     r.practitioner_id, r.organisation_code, min(r.recorded_at) from seen r \
     join visible v on v.seen_by = r.id where r.tells group by 1, 2, 3, 4 order by 1, 2, 3, 4 \
     on conflict (nhs_number, authority_id, practitioner_id, organisation_code) \
     do update set told_at = excluded.told_at \
     where greatest(t.told_at - excluded.told_at, excluded.told_at - t.told_at) >= ",
    "::bigint * interval '1 second' \
     returning nhs_number, authority_id, practitioner_id, organisation_code), \
     queued as (insert into notifications (nhs_number, id, authority_id, access_id, accessed_at, \
     queued_at, local_id, upload_id) select t.nhs_number, uuid_of_moment(o.recorded_at), \
     t.authority_id, o.id, o.recorded_at, o.recorded_at, o.local_id, o.upload_id \
     from told t cross join lateral (select r.id, r.recorded_at, v.local_id, v.upload_id \
     from seen r join visible v on v.seen_by = r.id and v.authority_id = t.authority_id \
     where r.tells and r.nhs_number = t.nhs_number \
     and r.practitioner_id = t.practitioner_id and r.organisation_code = t.organisation_code \
     order by r.recorded_at, r.id, v.plan_updated_at desc, v.plan_id desc limit 1) o \
     on conflict do nothing) \
     select r.id as recorded_id, r.nhs_number as recorded_nhs_number, r.asked_nhs_number, v.* \
     from seen r left join visible v on v.seen_by = r.id order by v.start_date, v.plan_id",
];

/// The statement nearly every request runs, as PostgreSQL reads it: for `make bench`, which runs
/// the same text without the service.
#[must_use]
pub fn disclosure_by_nhs_number() -> String {
    let ([before, after], [head, between, behind], [see, again]) = (BY_NHS_NUMBER, ONE, SEE);
    let mut text = format!("{head}{before}$1{after}{between}");
    for (number, (column, kind)) in (2..).zip(COLUMNS) {
        text.push_str(&format!(", ${number}::{kind} as {column}"));
    }
    let last = COLUMNS.len() + 2;
    format!("{text}{behind}{RECORD}{see}${last}{again}")
}

#[cfg(test)]
mod tests {
    use super::disclosure_by_nhs_number;

    #[test]
    fn the_text_for_the_bench_numbers_every_value_once_where_it_is_first_used() {
        let text = disclosure_by_nhs_number();
        let first_uses: Vec<Option<usize>> = (1..=21)
            .map(|number| text.find(&format!("${number}::")))
            .collect();
        assert!(first_uses.iter().all(Option::is_some));
        assert!(first_uses.is_sorted(), "{first_uses:?}");
        assert!(!text.contains("$22"));
    }
}
