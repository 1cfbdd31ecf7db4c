-- It is refused while there are uploads without a number: their plans could not be told apart.
alter table uploads drop constraint only_an_upload_in_fhir_may_have_no_number;
alter table uploads drop constraint an_upload_has_one_of_three_forms;
alter table uploads drop column form;
alter table uploads alter column sequence set not null;
