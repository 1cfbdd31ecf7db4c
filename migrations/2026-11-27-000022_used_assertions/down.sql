drop table used_assertions;
