-- version 1
-- One row per open item of a receivable-like (side 'owed_to_us') or payable-like (side 'owed_by_us') account and party:
-- what is left of a posting after later postings on the other side were set off against the oldest first (FIFO).
-- Opening balances are one item dated the day before their year. A detail account without a named party stands for one.
-- Takes the first opening year only; movements before it are left out. `last_moved` is the party's last posting.
WITH base AS (
    SELECT organisation, min(year) AS base_year FROM opening_balance GROUP BY organisation
),
sided AS (
    SELECT e.organisation, e.account, e.account_name, e.tag, coalesce(e.counterparty, e.account_name, e.account) AS party,
           e.counterparty, e.voucher, e.date, e.line, e.summary,
           CASE WHEN e.tag IN ('payable', 'other_payable', 'advance_received', 'deposit_payable', 'temp_receipt')
                THEN 'owed_by_us' ELSE 'owed_to_us' END AS side,
           e.debit - e.credit AS net
    FROM entry e
    LEFT JOIN base b ON e.organisation = b.organisation
    WHERE e.tag IN ('receivable', 'other_receivable', 'prepaid', 'petty_cash', 'internal_current',
                    'payable', 'other_payable', 'advance_received', 'deposit_payable', 'temp_receipt')
      AND (b.base_year IS NULL OR cast(date_part('year', e.date) AS BIGINT) >= b.base_year)
    UNION ALL
    SELECT o.organisation, o.account, o.account_name, o.tag, coalesce(o.counterparty, o.account_name, o.account) AS party,
           o.counterparty, CAST(NULL AS VARCHAR) AS voucher, make_date(o.year, 1, 1) - 1 AS date, 0 AS line, '期初余额' AS summary,
           CASE WHEN o.tag IN ('payable', 'other_payable', 'advance_received', 'deposit_payable', 'temp_receipt')
                THEN 'owed_by_us' ELSE 'owed_to_us' END AS side,
           o.debit - o.credit AS net
    FROM opening_balance o
    JOIN base b ON o.organisation = b.organisation AND o.year = b.base_year
    WHERE o.tag IN ('receivable', 'other_receivable', 'prepaid', 'petty_cash', 'internal_current',
                    'payable', 'other_payable', 'advance_received', 'deposit_payable', 'temp_receipt')
),
signed AS (
    SELECT *, CASE WHEN side = 'owed_to_us' THEN net ELSE 0 - net END AS amount FROM sided
),
running AS (
    SELECT *,
           sum(greatest(amount, CAST(0 AS DECIMAL(18, 2)))) OVER (
               PARTITION BY organisation, account, party ORDER BY date, voucher NULLS FIRST, line
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
           ) AS raised,
           sum(greatest(0 - amount, CAST(0 AS DECIMAL(18, 2)))) OVER (PARTITION BY organisation, account, party) AS settled,
           max(date) OVER (PARTITION BY organisation, account, party) AS last_moved
    FROM signed
)
SELECT organisation, account, account_name, tag, side, party, counterparty, voucher, date, summary, amount,
       least(amount, raised - settled) AS open, last_moved
FROM running
WHERE amount > 0 AND raised > settled
