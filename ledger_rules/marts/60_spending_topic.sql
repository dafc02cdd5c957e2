-- version 1
-- One row per spending line and topic that it touches: a list of key words that its summary or account name matches, or the
-- topic of its tag. Spending is what stands in debit on expense and cost accounts, or straight on money held for a purpose
-- (special payables, compensation, welfare reserve). Key words are matched against distinct wordings, not against entries.
-- Topics: hospitality, work_meal, gift, welfare_roll, vehicle_cost, fuel, hired_vehicle, prepaid_card.
WITH wording AS (
    SELECT coalesce(summary, '') AS summary, coalesce(account_name, '') AS account_name, coalesce(tag, '') AS tag
    FROM entry
    WHERE debit <> 0
      AND (category IN ('损益', '成本') OR tag IN ('special_payable', 'comp_in', 'one_matter_fund', 'reserve'))
      AND coalesce(source, '') NOT IN ('closing', 'system')
    GROUP BY coalesce(summary, ''), coalesce(account_name, ''), coalesce(tag, '')
),
touched AS (
    SELECT w.summary, w.account_name, w.tag, k.list AS topic
    FROM wording w
    JOIN keyword k ON strpos(concat(w.summary, '|', w.account_name), k.word) > 0
    WHERE k.list IN ('hospitality', 'work_meal', 'gift', 'welfare_roll', 'vehicle_cost', 'fuel', 'hired_vehicle', 'prepaid_card')
    UNION
    SELECT summary, account_name, tag, 'hospitality' FROM wording WHERE tag = 'hospitality'
    UNION
    SELECT summary, account_name, tag, 'vehicle_cost' FROM wording WHERE tag = 'vehicle'
)
SELECT e.organisation, e.voucher, e.line, e.date, cast(date_part('year', e.date) AS BIGINT) AS year, e.account, e.account_name,
       e.tag, e.summary, e.counterparty, e.contract_no, e.fund, e.invoice_no, e.debit AS amount, t.topic
FROM entry e
JOIN touched t
    ON coalesce(e.summary, '') = t.summary AND coalesce(e.account_name, '') = t.account_name AND coalesce(e.tag, '') = t.tag
WHERE e.debit <> 0
  AND (e.category IN ('损益', '成本') OR e.tag IN ('special_payable', 'comp_in', 'one_matter_fund', 'reserve'))
  AND coalesce(e.source, '') NOT IN ('closing', 'system')
