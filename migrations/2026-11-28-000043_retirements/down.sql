drop table retirements;
