-- version 1
-- One row per slip of lost work whose date exists: 误工 with `date_text` read as a date in any of the usual spellings.
-- `worker` is the person's number, else the name; `work_month` is written 2024-03.
WITH written AS (
    SELECT organisation, person, name, days, amount, matter, voucher, account_hash,
           regexp_replace(regexp_replace(trim(date_text), '[年月/.]', '-', 'g'), '日$', '') AS text
    FROM labour_day
    WHERE valid_date(date_text)
),
cut AS (
    SELECT *,
           CASE WHEN strpos(text, '-') > 0 THEN split_part(text, '-', 1) ELSE substr(text, 1, 4) END AS y,
           CASE WHEN strpos(text, '-') > 0 THEN lpad(split_part(text, '-', 2), 2, '0') ELSE substr(text, 5, 2) END AS m,
           CASE WHEN strpos(text, '-') > 0 THEN lpad(split_part(text, '-', 3), 2, '0') ELSE substr(text, 7, 2) END AS d
    FROM written
)
SELECT organisation, coalesce(person, name) AS worker, person, name, try_cast(concat(y, '-', m, '-', d) AS DATE) AS date,
       concat(y, '-', m) AS work_month, coalesce(days, 1) AS days, coalesce(amount, CAST(0 AS DECIMAL(18, 2))) AS amount,
       matter, voucher, account_hash
FROM cut
