-- version 1
-- One row per contract: what is on record of how it was awarded.
--   tendered   competed for: a tender by open call, invitation or auction, or an open award with the number of the trade
--   open       the same in public on a platform: what 公开招租 and 进场交易 ask for
--   known      the record can tell at all: the organisation keeps a register of tenders, or the contract states its award
--   tender_no, method, platform, open_date, floor, winner, win_price: of the tender found, the most public one first
-- A tender belongs to a contract by the contract's number, by the number of its trade, by its works, or by the thing let and
-- the winner.
WITH found AS (
    SELECT c.organisation, c.contract_no, t.tender_no
    FROM contract c JOIN tender t ON c.organisation = t.organisation AND c.contract_no = t.subject_no
    UNION
    SELECT c.organisation, c.contract_no, t.tender_no
    FROM contract c JOIN tender t ON c.organisation = t.organisation AND c.trade_no = t.tender_no
    UNION
    SELECT j.organisation, j.contract_no, t.tender_no
    FROM project j JOIN tender t ON j.organisation = t.organisation AND j.project_no = t.subject_no
    WHERE j.contract_no IS NOT NULL
    UNION
    SELECT c.organisation, c.contract_no, t.tender_no
    FROM contract c
    JOIN tender t ON c.organisation = t.organisation AND c.subject_no = t.subject_no
        AND norm_name(c.counterparty) = norm_name(t.winner)
),
ranked AS (
    SELECT f.organisation, f.contract_no, t.tender_no, t.method, t.platform, t.open_date, t.floor, t.winner, t.win_price,
        row_number() OVER (PARTITION BY f.organisation, f.contract_no
            ORDER BY CASE WHEN t.method IN ('open_tender', 'auction') AND t.platform IS NOT NULL THEN 0
                          WHEN t.method IN ('open_tender', 'auction', 'invited') THEN 1 ELSE 2 END,
                     t.open_date DESC, t.tender_no) AS place
    FROM found f
    JOIN tender t ON f.organisation = t.organisation AND f.tender_no = t.tender_no
)
SELECT c.organisation, c.contract_no, r.tender_no, r.method, r.platform, r.open_date, r.floor, r.winner, r.win_price,
    COALESCE(r.method IN ('open_tender', 'auction', 'invited'), false)
        OR (COALESCE(c.award IN ('open_lease', 'auction'), false) AND c.trade_no IS NOT NULL) AS tendered,
    (COALESCE(r.method IN ('open_tender', 'auction'), false) AND r.platform IS NOT NULL)
        OR (COALESCE(c.award IN ('open_lease', 'auction'), false) AND c.trade_no IS NOT NULL) AS open,
    k.organisation IS NOT NULL OR COALESCE(c.award IN ('negotiated', 'renewal', 'direct'), false) AS known
FROM contract c
LEFT JOIN ranked r ON c.organisation = r.organisation AND c.contract_no = r.contract_no AND r.place = 1
LEFT JOIN (SELECT DISTINCT organisation FROM tender) k ON c.organisation = k.organisation
