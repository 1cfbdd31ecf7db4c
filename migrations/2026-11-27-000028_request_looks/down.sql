drop table request_looks;
