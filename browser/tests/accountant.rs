//! 公司会计的一天:从系统第一次打开,到带两处错误的账套改好、提交、在账簿里看得到。

use crate::jiufeng::{edit, hand_in};
use crate::person::Person;
use crate::server::{Server, run};

const PASSWORD: &str = "甲枫实业会计自己的口令";

#[tokio::test]
async fn the_accountant_hands_in_a_book_with_two_errors_mends_it_and_submits() {
    let mut server = Server::empty();
    let code = server.code();
    let mut person = Person::new(&server).await;
    person.begin("accountant");

    // 系统管理员:首次打开,给甲枫的会计建一个用户。
    person.start(&code).await;
    person
        .add_user("zhaomou", "公司会计", "赵某一", "JF01")
        .await;
    person.look("用户").await;

    // 会计:首次登录换口令。还没有账。
    person.first_time("zhaomou", PASSWORD).await;
    person.open("账簿").await;
    person.sees("还没有账").await;
    person.look("还没有账").await;

    // 交账:一张凭证借贷不平,一处科目写错。
    let files = hand_in("JF01", server.folder.path());
    let vouchers = files.iter().find(|f| f.ends_with("凭证.csv")).unwrap();
    let unbalanced = ("2024-01-02,记,0001,1,", "12156.00", "12165.00");
    let unknown = ("2024-01-02,记,0001,2,", "505101", "509909");
    for (line, from, to) in [unbalanced, unknown] {
        edit(vouchers, line, from, to);
    }
    person.open("账套接收").await;
    person.sees("还没有交来过账套").await;
    person.attach("选文件", &files).await;
    person.sees("已选 23 个文件").await;
    person.press("上传并试读").await;
    person.sees("有 2 处错误").await;
    // 每处错误旁边是代码、文件和行、原文。
    for told in [
        "导入-1021",
        "相差 9.00",
        "凭证.csv 第2行",
        "导入-1024",
        "凭证.csv 第3行",
    ] {
        person.sees(told).await;
    }
    person.look("试读有错").await;
    person.open("账套接收").await;
    person.sees("还没有交来过账套").await;

    // 改好再交。
    for (line, from, to) in [unbalanced, unknown] {
        edit(vouchers, line, to, from);
    }
    person.attach("选文件", &files).await;
    person.press("上传并试读").await;
    person.sees("没有错误,可以提交").await;
    person.look("试读无错").await;
    person.press("提交入账").await;
    person.sees("已写入,批次").await;
    person.look("提交结果").await;

    // 账簿里看得到,一直看到来源的文件和行。
    person.open("账簿").await;
    person.sees_title("凭证").await;
    person.fill("查找", "HT-01-01").await;
    person.press("查找").await;
    person.follow("2024-01-记-0001").await;
    person.sees_title("2024-01-记-0001").await;
    person.sees("12,156.00").await;
    person.sees("凭证.csv 第2行").await;
    person.look("凭证").await;

    // 账经得起核验。
    run(server.folder.path(), &["verify", "--db", &server.db()]);
}
