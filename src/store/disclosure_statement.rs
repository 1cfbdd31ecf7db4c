//! The one statement of a disclosure: it puts a look on record, reads the plans the look may see,
//! and queues what is owed to their authorities, or does none of it.
//!
//! It is written out here, and not by `sql_query`, because diesel prepares it once a connection
//! this way; parsing and planning it anew would cost more than running it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Date, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::domain::access::{Look, Subject};
use crate::domain::calendar::day_of;
use crate::domain::plan::PlanKind;
use crate::store::accesses::DisclosureRules;

/// How the child is named: what stands before and after the first value. Each value is a numbered
/// placeholder that may be named again further on.
const BY_NHS_NUMBER: [&str; 2] = ["select ", "::bigint as nhs_number"];
const BY_PATIENT: [&str; 2] = ["select nhs_number from children where id = ", "::uuid"];
const BY_PLAN: [&str; 2] = ["select nhs_number from plans where id = ", "::uuid"];
const BY_ACCESS: [&str; 2] = [
    "select nhs_number from accesses where id = ",
    "::uuid and recorded_at = moment_of_uuid($1::uuid)",
];

/// What stands before the child's name: plans stand under the number the child has now, and a look
/// is one at that.
const SUBJECT: &str = "with subject as (select coalesce(c.replaced_by, s.nhs_number) as nhs_number \
    from (";

/// What stands before the values 2 to 15, and after the last of them. Plans of a child whose number
/// no other replaced are hidden.
const RECORD: [&str; 15] = [
    ") s left join children c on c.nhs_number = s.nhs_number), recorded as (insert into accesses \
     (nhs_number, recorded_at, id, request_id, interaction, asked, client_id, \
     organisation_code, organisation_name, practitioner_id, practitioner_name, \
     role_profile_id, job_role_code, job_role_name, care_setting) select s.nhs_number, ",
    "::timestamptz, ",
    "::uuid, ",
    "::uuid, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text, ",
    "::text from subject s returning nhs_number), \
     visible as (select p.nhs_number, p.id as plan_id, p.version as plan_version, p.kind, \
     p.local_id, p.start_date, p.effective_end_date, p.end_is_computed, \
     p.updated_at as plan_updated_at, p.upload_id, c.id as child_id, c.birth_date, \
     c.updated_at as child_updated_at, a.id as authority_id, a.code as authority_code, \
     a.name as authority_name, a.emergency_phone, a.office_phone, \
     a.version as authority_version, a.updated_at as authority_updated_at \
     from subject s join plans p on p.nhs_number = s.nhs_number \
     join children c on c.nhs_number = p.nhs_number and c.inactive_since is null \
     join authorities a on a.id = p.authority_id where p.deleted_on is null \
     and p.effective_end_date >= case p.kind when 'UCPP' then ",
];

/// What stands before the values 17 to 19, and after the last of them. Value 16 is the end of
/// [`RECORD`]'s last piece.
const TELL: [&str; 4] = [
    "::date else ",
    "::date end), told as (insert into tellings as t (nhs_number, authority_id, practitioner_id, \
     organisation_code, told_at) select distinct nhs_number, authority_id, $10::text, $8::text, \
     $2::timestamptz from visible where ",
    "::boolean order by authority_id \
     on conflict (nhs_number, authority_id, practitioner_id, organisation_code) \
     do update set told_at = excluded.told_at where t.told_at <= ",
    "::timestamptz returning nhs_number, authority_id), \
     queued as (insert into notifications (nhs_number, id, authority_id, access_id, accessed_at, \
     queued_at, local_id, upload_id) select t.nhs_number, uuid_of_moment($2::timestamptz), \
     t.authority_id, $3::uuid, $2::timestamptz, $2::timestamptz, v.local_id, v.upload_id \
     from told t cross join lateral (select local_id, upload_id from visible \
     where visible.authority_id = t.authority_id \
     order by plan_updated_at desc, plan_id desc limit 1) v) \
     select r.nhs_number as recorded_nhs_number, v.* from recorded r \
     left join visible v on true order by v.start_date, v.plan_id",
];

/// A look, as the statement takes it.
pub(super) struct DisclosureStatement<'a> {
    look: &'a Look,
    id: Uuid,
    subject: SubjectValue,
    oldest_due_date: NaiveDate,
    oldest_end: NaiveDate,
    tells: bool,
    told_again_from: DateTime<Utc>,
}

enum SubjectValue {
    Number(i64),
    Id([&'static str; 2], Uuid),
}

impl<'a> DisclosureStatement<'a> {
    /// The statement for a look that goes on record under this id.
    pub(super) fn of(look: &'a Look, id: Uuid, rules: DisclosureRules) -> Self {
        let today = day_of(look.at);
        let oldest = |kind| rules.windows.earliest_end_shown(kind, today);
        Self {
            look,
            id,
            subject: match look.subject {
                Subject::NhsNumber(number) => SubjectValue::Number(number.stored()),
                Subject::Patient(id) => SubjectValue::Id(BY_PATIENT, id),
                Subject::Plan(id) => SubjectValue::Id(BY_PLAN, id),
                Subject::Access(id) => SubjectValue::Id(BY_ACCESS, id),
            },
            oldest_due_date: oldest(PlanKind::UnbornChildProtection),
            oldest_end: oldest(PlanKind::ChildProtection),
            tells: rules.notification.owed_for(look.viewer.care_setting),
            told_again_from: rules.notification.told_again_from(look.at),
        }
    }

    fn walk_subject<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(SUBJECT);
        match &self.subject {
            SubjectValue::Number(number) => {
                let [before, after] = BY_NHS_NUMBER;
                out.push_sql(before);
                out.push_bind_param::<BigInt, _>(number)?;
                out.push_sql(after);
            }
            SubjectValue::Id([before, after], id) => {
                out.push_sql(before);
                out.push_bind_param::<SqlUuid, _>(id)?;
                out.push_sql(after);
            }
        }
        Ok(())
    }

    fn walk_record<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Look {
            at,
            request_id,
            interaction,
            asked,
            viewer,
            ..
        } = self.look;
        let person = &viewer.practitioner;
        let [at_before, id_before, request_before, texts @ .., last] = &RECORD;
        out.push_sql(at_before);
        out.push_bind_param::<Timestamptz, _>(at)?;
        out.push_sql(id_before);
        out.push_bind_param::<SqlUuid, _>(&self.id)?;
        out.push_sql(request_before);
        out.push_bind_param::<SqlUuid, _>(request_id)?;
        let values: [&'b str; 11] = [
            interaction.code(),
            asked,
            &viewer.client_id,
            viewer.organisation.as_str(),
            &viewer.organisation_name,
            &person.user_id,
            &person.name,
            &person.role_profile_id,
            &person.job_role_code,
            &person.job_role_name,
            viewer.care_setting.code(),
        ];
        for (before, value) in texts.iter().zip(values) {
            out.push_sql(before);
            out.push_bind_param::<Text, str>(value)?;
        }
        out.push_sql(last);
        Ok(())
    }

    fn walk_tell<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let [end_before, tells_before, again_before, last] = TELL;
        out.push_bind_param::<Date, _>(&self.oldest_due_date)?;
        out.push_sql(end_before);
        out.push_bind_param::<Date, _>(&self.oldest_end)?;
        out.push_sql(tells_before);
        out.push_bind_param::<Bool, _>(&self.tells)?;
        out.push_sql(again_before);
        out.push_bind_param::<Timestamptz, _>(&self.told_again_from)?;
        out.push_sql(last);
        Ok(())
    }
}

impl QueryFragment<Pg> for DisclosureStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk_subject(&mut out)?;
        self.walk_record(&mut out)?;
        self.walk_tell(&mut out)
    }
}

impl QueryId for DisclosureStatement<'_> {
    type QueryId = ();

    // There are four statements of this type; diesel tells them apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for DisclosureStatement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for DisclosureStatement<'_> {}

/// The statement nearly every request runs, as PostgreSQL reads it: for `make bench`, which runs
/// the same text without the service.
#[must_use]
pub fn disclosure_by_nhs_number() -> String {
    let [before, after] = BY_NHS_NUMBER;
    let mut text = format!("{SUBJECT}{before}$1{after}");
    let mut number = 1_u8;
    let numbered = RECORD.iter().chain(&TELL);
    for piece in numbered {
        text.push_str(piece);
        number = number.saturating_add(1);
        if number <= 19 {
            text.push_str(&format!("${number}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::disclosure_by_nhs_number;

    #[test]
    fn the_text_for_the_bench_numbers_every_value_once_where_it_is_first_used() {
        let text = disclosure_by_nhs_number();
        let first_uses: Vec<Option<usize>> = (1..=19)
            .map(|number| text.find(&format!("${number}::")))
            .collect();
        assert!(first_uses.iter().all(Option::is_some));
        assert!(first_uses.is_sorted(), "{first_uses:?}");
        assert!(!text.contains("$20"));
    }
}
