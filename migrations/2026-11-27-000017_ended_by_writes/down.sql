drop table ended_by_writes;
