-- The author of the measured looks has told every authority of every child today already, so that
-- a look at any child is a repeat and owes nobody anything.
insert into tellings (nhs_number, authority_id, practitioner_id, organisation_code, told_at)
select distinct p.nhs_number, p.authority_id, look.practitioner_id, look.organisation_code, now()
from plans p,
    (select practitioner_id, organisation_code from accesses
     order by recorded_at desc limit 1) look
where p.effective_end_date >= current_date;
