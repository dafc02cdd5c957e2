-- version 1
-- One row per bank account whose lines carry balances: where a line's balance is not the balance before it plus the line. A statement
-- may be printed downwards or upwards within a day, so both orders are walked (`down_…`, `up_…`): breaks, the first day of one, what they
-- add up to, and the balance that the walk ends with.
WITH walked AS (
    SELECT organisation, account_hash, date, balance, coalesce(credit_in, CAST(0 AS DECIMAL(18, 2))) - coalesce(debit_out, CAST(0 AS DECIMAL(18, 2))) AS net,
           balance - lag(balance) OVER down AS down, lead(date) OVER down AS down_next,
           balance - lag(balance) OVER up AS up, lead(date) OVER up AS up_next
    FROM bank_txn
    WHERE balance IS NOT NULL
    WINDOW down AS (PARTITION BY organisation, account_hash ORDER BY date, source_file, source_row),
           up AS (PARTITION BY organisation, account_hash ORDER BY date, source_file, source_row DESC)
)
SELECT organisation, account_hash,
       sum(CASE WHEN down <> net THEN 1 ELSE 0 END) AS down_breaks, sum(CASE WHEN up <> net THEN 1 ELSE 0 END) AS up_breaks,
       min(CASE WHEN down <> net THEN date END) AS down_day, min(CASE WHEN up <> net THEN date END) AS up_day,
       sum(CASE WHEN down <> net THEN abs(down - net) ELSE CAST(0 AS DECIMAL(18, 2)) END) AS down_amount,
       sum(CASE WHEN up <> net THEN abs(up - net) ELSE CAST(0 AS DECIMAL(18, 2)) END) AS up_amount,
       max(CASE WHEN down_next IS NULL THEN balance END) AS down_end, max(CASE WHEN up_next IS NULL THEN balance END) AS up_end
FROM walked
GROUP BY organisation, account_hash
