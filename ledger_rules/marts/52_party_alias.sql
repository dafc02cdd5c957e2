-- version 1
-- One row per party of a contract and a name that may well act for it (both normalised): itself, its legal representative,
-- a firm it represents, a registered party with the same identity number, account or telephone, and the registered spouse.
-- Whoever pays, is paid or is found on the premises under such a name is no stranger to the contract.
WITH wanted AS (
    SELECT DISTINCT organisation, norm_name(counterparty) AS party
    FROM contract
    WHERE counterparty IS NOT NULL
),
known AS (
    SELECT organisation, norm_name(name) AS party, norm_name(legal_rep) AS rep, id_hash, account_hash, phone_hash
    FROM counterparty
),
card AS (
    SELECT w.organisation, w.party, k.rep, k.id_hash, k.account_hash, k.phone_hash
    FROM wanted w
    JOIN known k ON w.organisation = k.organisation AND w.party = k.party
),
person AS (
    SELECT person, max(norm_name(name)) AS name, max(id_hash) AS id_hash, max(account_hash) AS account_hash,
        max(phone_hash) AS phone_hash
    FROM related_person
    GROUP BY person
),
same_person AS (
    SELECT c.organisation, c.party, i.person, i.name FROM card c JOIN person i ON c.id_hash = i.id_hash
    UNION
    SELECT c.organisation, c.party, i.person, i.name FROM card c JOIN person i ON c.account_hash = i.account_hash
    UNION
    SELECT c.organisation, c.party, i.person, i.name FROM card c JOIN person i ON c.phone_hash = i.phone_hash
),
marriage AS (
    SELECT person, relative FROM kin WHERE relation = 'spouse'
)
SELECT organisation, party, party AS alias FROM wanted
UNION SELECT organisation, party, rep FROM card WHERE rep IS NOT NULL
UNION SELECT w.organisation, w.party, k.party FROM wanted w JOIN known k ON w.organisation = k.organisation AND w.party = k.rep
UNION SELECT c.organisation, c.party, k.party FROM card c JOIN known k ON c.organisation = k.organisation AND c.rep = k.rep
UNION SELECT c.organisation, c.party, k.party FROM card c JOIN known k ON c.organisation = k.organisation AND c.id_hash = k.id_hash
UNION
SELECT c.organisation, c.party, k.party
FROM card c JOIN known k ON c.organisation = k.organisation AND c.account_hash = k.account_hash
UNION
SELECT c.organisation, c.party, k.party
FROM card c JOIN known k ON c.organisation = k.organisation AND c.phone_hash = k.phone_hash
UNION SELECT organisation, party, name FROM same_person
UNION
SELECT s.organisation, s.party, i.name
FROM same_person s
JOIN marriage m ON s.person = m.person
JOIN person i ON m.relative = i.person
