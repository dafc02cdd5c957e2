//! The register tables as the first release created them. Frozen: later columns come by later migrations.
//! A test of the main crate compares the outcome of all migrations with `ledger_rules/bundle.toml`.

/// Table name and its columns, each `name type` with the types of `ddl::column_type`. Money is `int` (分); areas, rates and
/// other decimals are `int` of a fixed scale.
pub const TABLES: &[(&str, &str)] = &[
    (
        "organisation",
        "code text, name text, uscc text, kind text, standard text, regime text, valid_from date, valid_to date, \
         parent text, founded_on date, registered_capital int",
    ),
    (
        "parameter",
        "rule text, name text, organisation text, value text, valid_from date, valid_to date, basis text, \
         approver text",
    ),
    (
        "related_person",
        "person text, name text, organisation text, duty text, term_from date, term_to date, id_hash text, \
         phone_hash text, account_hash text",
    ),
    ("kinship", "person text, relative text, relation text"),
    (
        "shareholding",
        "holder text, investee text, subscribed int, paid_in int, ratio int, due_on date, paid_on date",
    ),
    ("calendar", "date date, is_off flag, name text"),
    (
        "stated_balance",
        "year int, month int, account text, opening_debit int, opening_credit int, debit int, credit int, \
         closing_debit int, closing_credit int",
    ),
    (
        "period",
        "year int, month int, status text, closed_on date, closed_by text, reported_on date, reopened text",
    ),
    (
        "staff_role",
        "person text, name text, duty text, start_date date, end_date date",
    ),
    (
        "counterparty",
        "name text, kind text, id_hash text, legal_rep text, phone_hash text, address text, account_hash text, \
         founded_on date, industry text",
    ),
    (
        "bank_account",
        "account_hash text, holder_name text, holder_kind text, bank text, purpose text, account text, \
         opened_on date, closed_on date, pledged flag",
    ),
    (
        "bank_txn",
        "account_hash text, txn_no text, date date, time text, credit_in int, debit_out int, balance int, \
         peer_name text, peer_account_hash text, memo text",
    ),
    (
        "cash_count",
        "date date, counted int, book int, iou int, counters text, witness text",
    ),
    (
        "receipt",
        "no text, book text, date date, payer text, amount int, channel text, contract_no text, void flag, \
         voucher text",
    ),
    (
        "invoice",
        "code text, no text, date date, seller text, buyer text, amount int, tax int, verified text",
    ),
    (
        "expense_claim",
        "no text, claimant text, matter text, kind text, start_date date, end_date date, place text, persons int, \
         amount int, voucher text",
    ),
    (
        "labour_day",
        "date_text text, person text, name text, matter text, place text, days int, amount int, account_hash text, \
         signed flag, voucher text",
    ),
    (
        "debt",
        "no text, creditor text, start_date date, due_date date, principal int, rate int, purpose text, \
         decision_no text, filed_on date, balance int",
    ),
    (
        "guarantee",
        "no text, beneficiary text, amount int, form text, start_date date, end_date date, decision_no text",
    ),
    (
        "interco_loan",
        "no text, peer text, direction text, principal int, rate int, start_date date, due_date date, \
         repaid_on date, decision_no text",
    ),
    (
        "contract",
        "contract_no text, kind text, subject_no text, counterparty text, sign_date date, start_date date, \
         end_date date, area int, area_unit text, unit_price int, annual_rent int, total_amount int, cycle text, \
         first_due date, escalation text, rent_free text, deposit int, in_kind text, in_kind_value int, \
         sublet flag, written flag, signed_us text, signed_them text, file_hash text, award text, trade_no text, \
         decision_no text, renewal_of text, registered_on date, status text",
    ),
    (
        "payment_schedule",
        "contract_no text, seq int, due_date date, due int, waived int, waiver_decision text",
    ),
    (
        "asset",
        "asset_no text, name text, category text, nature text, source text, location text, zone text, area int, \
         cost int, acc_dep int, life_months int, dep_method text, in_service_on date, booked_on date, \
         account text, cert_no text, status text, idle_since date, user text, keeper text, lon int, lat int",
    ),
    (
        "asset_event",
        "asset_no text, date date, kind text, amount int, proceeds int, peer text, decision_no text, \
         appraisal_no text, voucher text",
    ),
    (
        "resource_parcel",
        "parcel_no text, name text, kind text, area_book int, area_survey int, area_title int, cert_no text, \
         planning_use text, actual_use text, right_end date, status text, geometry text, bounds text",
    ),
    (
        "appraisal",
        "appraisal_no text, subject_no text, date date, value int, unit text, agency text",
    ),
    (
        "site_check",
        "subject_no text, date date, actual_user text, actual_use text, area int, photo_hash text, checker text",
    ),
    (
        "confirmation",
        "contract_no text, counterparty text, date date, paid_until date, paid int, balance int, file_hash text",
    ),
    (
        "decision",
        "decision_no text, level text, meeting_date date, notice_date date, due int, present int, agree int, \
         matter text, matter_kind text, subject_no text, amount int, recused text, notice_from date, \
         notice_to date, minutes_hash text, registered_at time, filed_on date",
    ),
    (
        "approval",
        "subject_no text, step text, approver text, result text, date date",
    ),
    (
        "tender",
        "tender_no text, subject_no text, method text, platform text, notice_date date, open_date date, floor int, \
         winner text, win_price int",
    ),
    (
        "bid",
        "tender_no text, bidder text, legal_rep text, quote int, deposit_from text, phone_hash text, address text, \
         doc_author text, ip_mac text",
    ),
    (
        "project",
        "project_no text, name text, location text, budget int, contract_no text, settled int, fund_source text, \
         started_on date, completed_on date, accepted_on date, accepted_by text, capitalised_on date",
    ),
    (
        "change_order",
        "project_no text, date date, amount int, decision_no text",
    ),
    (
        "inventory_batch",
        "batch_no text, base_date date, scope text, started_on date, completed_on date, notice_from date, \
         notice_to date, reported_on date, counters text, witness text",
    ),
    (
        "inventory_count",
        "batch_no text, kind text, subject_no text, qty_book int, qty_counted int, amount_book int, \
         amount_counted int, area_book int, area_counted int, reason text, decision_no text, voucher text",
    ),
    (
        "disclosure",
        "disclosure_no text, kind text, period text, published_on date, channel text, photo_hash text",
    ),
    (
        "disclosure_item",
        "disclosure_no text, item text, amount int",
    ),
    (
        "special_fund",
        "fund_no text, doc_no text, name text, purpose text, allowed_uses text, received_on date, amount int, \
         restriction text, account_hash text",
    ),
    (
        "land_comp",
        "project_no text, name text, total int, collective_part int, received_on date, account_hash text, \
         decision_no text",
    ),
    (
        "comp_payee",
        "project_no text, payee text, id_hash text, item text, qty int, unit text, amount int, account_hash text, \
         paid_on date, signed flag, is_member flag",
    ),
    (
        "distribution",
        "year int, distributable int, welfare_reserve int, statutory_reserve int, distributed int, paid int, \
         decision_no text, decided_on date, paid_on date, fund_source text",
    ),
];
