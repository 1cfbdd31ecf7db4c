//! The text of the one statement of a disclosure, in the pieces between its values. Each value is a
//! numbered placeholder, in the order of the text, that may be named again further on.

/// How the child is named: what stands before and after the first value. Each value is a numbered
/// placeholder that may be named again further on.
pub(super) const BY_NHS_NUMBER: [&str; 2] = ["select ", "::bigint as nhs_number"];
pub(super) const BY_PATIENT: [&str; 2] = ["select nhs_number from children where id = ", "::uuid"];
pub(super) const BY_PLAN: [&str; 2] = ["select nhs_number from plans where id = ", "::uuid"];
pub(super) const BY_ACCESS: [&str; 2] = [
    "select nhs_number from accesses where id = ",
    "::uuid and recorded_at = moment_of_uuid($1::uuid)",
];

/// What stands before the child's name: plans stand under the number the child has now, and a look
/// is one at that.
pub(super) const SUBJECT: &str = "with subject as (select \
    coalesce(c.replaced_by, s.nhs_number) as nhs_number from (";

/// What stands before the values 2 to 17, and after the last of them. A request that was a look
/// before is none again: then nothing at all is recorded, shown or told.
pub(super) const RECORD: [&str; 17] = [
    ") s left join children c on c.nhs_number = s.nhs_number), asked_once as (insert into \
     request_looks (recorded_at, access_id, request_id, client_id, place, question) select ",
    "::timestamptz, ",
    "::uuid, ",
    "::uuid, ",
    "::text, ",
    "::smallint, ",
    "::bytea from subject on conflict do nothing returning access_id), \
     recorded as (insert into accesses (nhs_number, recorded_at, id, request_id, client_id, \
     interaction, asked, organisation_code, organisation_name, practitioner_id, \
     practitioner_name, role_profile_id, job_role_code, job_role_name, care_setting) \
     select s.nhs_number, $2::timestamptz, $3::uuid, $4::uuid, $5::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text from subject s, asked_once returning nhs_number, recorded_at, id, practitioner_id, \
     organisation_code), ",
];

/// What stands before the moment and the id of a look that is on record already, and after them.
/// One whose child has another number by now is none: the plans are under that, and nothing here
/// would read as if there were none.
pub(super) const RECORDED_BEFORE: [&str; 3] = [
    "with recorded as (select nhs_number, recorded_at, id, practitioner_id, organisation_code \
     from accesses l where recorded_at = ",
    "::timestamptz and id = ",
    "::uuid and not exists (select from children c where c.nhs_number = l.nhs_number \
     and c.replaced_by is not null)), ",
];

/// What a recorded look may see, and the values that stand in it. Plans of a child whose number no
/// other replaced are hidden.
pub(super) const VISIBLE: [&str; 3] = [
    "visible as (select p.nhs_number, p.id as plan_id, p.version as plan_version, p.kind, \
     p.local_id, p.start_date, p.effective_end_date, p.end_is_computed, \
     p.updated_at as plan_updated_at, p.upload_id, c.id as child_id, c.birth_date, \
     c.updated_at as child_updated_at, a.id as authority_id, a.code as authority_code, \
     a.name as authority_name, a.emergency_phone, a.office_phone, \
     a.version as authority_version, a.updated_at as authority_updated_at \
     from recorded s join plans p on p.nhs_number = s.nhs_number \
     join children c on c.nhs_number = p.nhs_number and c.inactive_since is null \
     join authorities a on a.id = p.authority_id where p.deleted_on is null \
     and p.effective_end_date >= case p.kind when 'UCPP' then ",
    "::date else ",
    "::date end)",
];

/// What stands before the last three values, and after them. It tells by the look on record alone,
/// so that one that is answered again tells whoever it did not show before.
pub(super) const TELL: [&str; 4] = [
    ", told as (insert into tellings as t (nhs_number, authority_id, practitioner_id, \
     organisation_code, told_at) select distinct v.nhs_number, v.authority_id, \
     r.practitioner_id, r.organisation_code, r.recorded_at from recorded r cross join visible v \
     where ",
    "::boolean order by v.authority_id \
     on conflict (nhs_number, authority_id, practitioner_id, organisation_code) \
     do update set told_at = excluded.told_at where t.told_at <= ",
    "::timestamptz or t.told_at >= ",
    "::timestamptz returning nhs_number, authority_id), \
     queued as (insert into notifications (nhs_number, id, authority_id, access_id, accessed_at, \
     queued_at, local_id, upload_id) select t.nhs_number, uuid_of_moment(r.recorded_at), \
     t.authority_id, r.id, r.recorded_at, r.recorded_at, v.local_id, v.upload_id \
     from recorded r cross join told t cross join lateral (select local_id, upload_id from visible \
     where visible.authority_id = t.authority_id \
     order by plan_updated_at desc, plan_id desc limit 1) v)",
];

/// What is brought back.
pub(super) const SHOW: &str = " select r.nhs_number as recorded_nhs_number, v.* from recorded r \
    left join visible v on true order by v.start_date, v.plan_id";

/// The statement nearly every request runs, as PostgreSQL reads it: for `make bench`, which runs
/// the same text without the service.
#[must_use]
pub fn disclosure_by_nhs_number() -> String {
    let [before, after] = BY_NHS_NUMBER;
    let mut text = format!("{SUBJECT}{before}$1{after}");
    let mut number = 1_u8;
    for pieces in [RECORD.as_slice(), &VISIBLE, &TELL] {
        for (place, piece) in pieces.iter().enumerate() {
            text.push_str(piece);
            if place + 1 < pieces.len() {
                number = number.saturating_add(1);
                text.push_str(&format!("${number}"));
            }
        }
    }
    text + SHOW
}

#[cfg(test)]
mod tests {
    use super::disclosure_by_nhs_number;

    #[test]
    fn the_text_for_the_bench_numbers_every_value_once_where_it_is_first_used() {
        let text = disclosure_by_nhs_number();
        let first_uses: Vec<Option<usize>> = (1..=22)
            .map(|number| text.find(&format!("${number}::")))
            .collect();
        assert!(first_uses.iter().all(Option::is_some));
        assert!(first_uses.is_sorted(), "{first_uses:?}");
        assert!(!text.contains("$23"));
    }
}
