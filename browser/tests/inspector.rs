//! 纪检监察:接手一项疑点,街道从此看不到;下载证据包,离线核验;每次查看都在日志里。

use crate::person::Person;
use crate::server::{Server, run};

#[tokio::test]
async fn the_inspector_takes_one_over_and_takes_its_bundle_away() {
    let server = Server::demo();
    let mut person = Person::new(&server).await;
    person.begin("inspector");

    // 看疑点,接手一项。
    person.log_in_as("inspector").await;
    person.open("疑点").await;
    person.fill("规则", "F-009").await;
    person.press("查找").await;
    person.follow("F-009-").await;
    person.sees("36,842.17").await;
    let item = person.path().await;
    person.look("疑点").await;
    person.unfold("转到「移送」").await;
    person.fill("理由", "街纪〔2026〕3号").await;
    person.press("转到「移送」").await;
    person.sees_state("移送").await;
    person.look("移送").await;

    // 下载证据包,写明用途;包自己证明自己。
    person.fill("用途", "初步核实").await;
    person.press("下载(记入日志)").await;
    let bundle = person.downloaded(".zip").await;
    run(server.folder.path(), &["verify", bundle.to_str().unwrap()]);

    // 街道再也看不到这一项。
    person.log_in_as("street-supervisor").await;
    person.open("疑点").await;
    person.fill("规则", "F-009").await;
    person.press("查找").await;
    person.sees("没有符合条件的事项").await;
    person.look("街道看不到").await;
    person.is_refused(&item, "网页-1003").await;

    // 系统管理员在日志里看得到谁看过、谁下载过,看不到账和疑点。
    person.log_in_as("administrator").await;
    person.open("设置").await;
    person.follow("访问日志").await;
    person.sees("日志链完好").await;
    person.sees("初步核实").await;
    person.sees("查看疑点").await;
    person.is_refused(&item, "网页-1002").await;
    person.look("管理员看不到疑点").await;

    run(server.folder.path(), &["verify", "--db", &server.db()]);
}
