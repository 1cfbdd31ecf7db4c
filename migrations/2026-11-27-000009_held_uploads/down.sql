drop table held_uploads;
