-- version 2
-- One row per disclosure whose period can be read: its first and last day. `2024Q1`, `2024年第1季度`, `2024年上半年`, `2024-03`,
-- `202403`, `2024年十二月`, `2024年1-3月`, `2024`, `2024年度`. Others are left out: what they cover is unknown.
WITH named AS (
    SELECT organisation, disclosure_no, kind, period, published_on,
           try_cast(substr(period, 1, 4) AS INT) AS in_year,
           regexp_replace(translate(
               replace(replace(replace(substr(period, 5), '十二', '12'), '十一', '11'), '十', '10'), '一二三四五六七八九', '123456789'),
               '[—~至到]', '-', 'g') AS rest,
           (strpos(period, 'Q') > 0 OR strpos(period, '季') > 0) AS by_quarter,
           CASE WHEN strpos(period, '上半年') > 0 THEN 1 WHEN strpos(period, '下半年') > 0 THEN 2 END AS half
    FROM disclosure
    WHERE regexp_like(period, '^[0-9]{4}')
),
cut AS (
    SELECT *, regexp_replace(rest, '[^0-9]', '', 'g') AS digits,
           try_cast(substr(regexp_replace(rest, '^[^0-9]*([0-9]+)月?-([0-9]+)月.*$', 'm\1'), 2) AS INT) AS from_month,
           try_cast(substr(regexp_replace(rest, '^[^0-9]*([0-9]+)月?-([0-9]+)月.*$', 'm\2'), 2) AS INT) AS to_month,
           regexp_like(rest, '[0-9]月?-[0-9]+月') AS by_months
    FROM named
),
counted AS (
    SELECT *,
           CASE WHEN half IS NOT NULL THEN 6 * half - 5
                WHEN by_quarter THEN 3 * try_cast(substr(digits, 1, 1) AS INT) - 2
                WHEN by_months THEN from_month
                WHEN digits = '' THEN 1
                ELSE try_cast(substr(digits, 1, 2) AS INT) END AS first_month,
           CASE WHEN half IS NOT NULL THEN 6 WHEN by_quarter THEN 3 WHEN by_months THEN to_month - from_month + 1
                WHEN digits = '' THEN 12 ELSE 1 END AS months
    FROM cut
)
SELECT organisation, disclosure_no, kind, period, published_on, months,
       make_date(in_year, first_month, 1) AS first_day,
       add_months(make_date(in_year, first_month, 1), months) - 1 AS last_day
FROM counted
WHERE in_year IS NOT NULL AND first_month BETWEEN 1 AND 12 AND months BETWEEN 1 AND 13 - first_month
