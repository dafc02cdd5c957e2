-- version 1
-- One row per contract that has instalments in rent_due: the contracts that bring rent. `party` is the normalised name of
-- the other side, `party_contracts` how many such contracts that name has with the organisation.
SELECT
    c.organisation,
    c.contract_no,
    c.kind,
    c.subject_no,
    c.counterparty,
    norm_name(c.counterparty) AS party,
    c.start_date,
    c.end_date,
    c.annual_rent,
    c.status,
    COUNT(*) OVER (PARTITION BY c.organisation, norm_name(c.counterparty)) AS party_contracts
FROM contract c
LEFT SEMI JOIN rent_due d ON c.organisation = d.organisation AND c.contract_no = d.contract_no
