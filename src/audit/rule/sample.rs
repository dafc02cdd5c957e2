//! A rule for the tests of what handles rules: leases over a limit, proved to the 分.

pub const RULE: &str = r#"
id = "X-001"
version = 1
title = "样例"
kind = "violation"
severity = "low"
subject = "contract"
requires = ["contract"]
key = ["contract_no"]
[params.limit]
type = "money"
default = "5000.00"
label = "限额"
source = "practice"
basis = "样例"
[query]
sql = """
SELECT c.organisation, c.contract_no, c.total_amount AS amount
FROM contract c JOIN params p USING (organisation) WHERE c.total_amount > p.limit
"""
message = "合同{contract_no}超过{limit}元"
[[test]]
name = "一分之差"
given.contract = """
contract_no,total_amount
A,5000.01
B,5000.00
"""
expect = [{ contract_no = "A" }]
"#;
