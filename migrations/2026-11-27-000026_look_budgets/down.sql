drop table look_findings;
drop table look_tallies;
