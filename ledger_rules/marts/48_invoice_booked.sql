-- version 1
-- One row per invoice number that an organisation has booked: how often, for how much in all, and for whom. A red-ink booking
-- takes one booking of the same amount away.
SELECT organisation, no, count(*) AS vouchers_all, sum(CASE WHEN amount > 0 THEN 1 ELSE -1 END) AS times,
       sum(amount) AS total, min(amount) AS least_amount, max(amount) AS most_amount,
       min(party) AS party, max(party) AS party_max, max(contract_no) AS contract_no, min(date) AS first_day, max(date) AS last_day
FROM invoice_cost
GROUP BY organisation, no
