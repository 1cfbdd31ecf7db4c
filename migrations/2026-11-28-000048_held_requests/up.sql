-- Requests about single plans that were refused because together they end too many are kept among
-- the files that are held, under the number 0, which no file has. Whoever confirms them sees whether
-- they were confirmed since.
grant select (authority_id, ended_at, confirmed) on ended_by_writes to cpis_upkeep;
