-- Requests about single plans come as FHIR, and may come without a number of a file.
alter table uploads alter column sequence drop not null;
alter table uploads add column form text;
-- Whatever was taken in before was written as CSV: there was no other form.
update uploads set form = 'csv';
alter table uploads alter column form set not null;
alter table uploads add constraint an_upload_has_one_of_three_forms
    check (form in ('csv', 'hl7v3', 'fhir'));
alter table uploads add constraint only_an_upload_in_fhir_may_have_no_number
    check (sequence is not null or form = 'fhir');
