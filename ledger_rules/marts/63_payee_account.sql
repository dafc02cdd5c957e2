-- version 1
-- One row per amount that a list pays to a named person's account: compensation (补偿发放) and lost work (误工).
SELECT organisation, 'compensation' AS list, account_hash, payee AS name, norm_name(payee) AS norm, amount, paid_on AS date,
       CAST(NULL AS VARCHAR) AS voucher
FROM comp_payee
WHERE account_hash IS NOT NULL
UNION ALL
SELECT organisation, 'labour', account_hash, name, norm_name(name), coalesce(amount, CAST(0 AS DECIMAL(18, 2))),
       CASE WHEN valid_date(date_text) THEN try_cast(regexp_replace(regexp_replace(trim(date_text), '[年月/.]', '-', 'g'), '日$', '') AS DATE) END,
       voucher
FROM labour_day
WHERE account_hash IS NOT NULL
