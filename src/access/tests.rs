use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use sea_orm::ConnectionTrait;

use super::log::{self, Act};
use super::login::{LOCKED_MINUTES, TRIES, log_in};
use super::password::Hasher;
use super::user::{self, Profile};
use super::{AccessError, Scope, first, reveal, secret, session};
use crate::model::Role;
use crate::store::Store;

const PASSWORD: &str = "三资监管要真实可靠";
const LONG: &str = "三资监管要真实可靠完整";

fn at(minutes: i64) -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(2025, 1, 5).unwrap_or_default();
    day.and_hms_opt(9, 0, 0).unwrap_or_default() + TimeDelta::minutes(minutes)
}

struct House {
    store: Store,
    hasher: Hasher,
    _folder: tempfile::TempDir,
}

async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("x.db").display());
    House {
        store: Store::open(&url).await.unwrap(),
        hasher: Hasher::of_cost(8, 1).unwrap(),
        _folder: folder,
    }
}

fn profile(login: &str, role: Role, organisations: &[&str]) -> Profile {
    let codes = organisations.iter().map(|o| (*o).to_owned());
    Profile {
        login: login.to_owned(),
        name: "甲".to_owned(),
        role,
        scope: match organisations {
            [] => Scope::All,
            _ => Scope::Only(codes.collect()),
        },
    }
}

impl House {
    async fn add(&self, login: &str, role: Role, organisations: &[&str]) {
        let profile = profile(login, role, organisations);
        let made = user::create(&self.store, &self.hasher, &profile, LONG, "admin", at(0));
        made.await.unwrap();
    }

    async fn try_in(
        &self,
        login: &str,
        password: &str,
        minutes: i64,
    ) -> Result<String, AccessError> {
        let inside = log_in(&self.store, &self.hasher, login, password, at(minutes)).await;
        inside.map(|(_, opened)| opened.token)
    }
}

#[tokio::test]
async fn too_many_tries_lock_a_name_for_a_while_whether_it_exists_or_not() {
    let house = house().await;
    house.add("boss", Role::StreetSupervisor, &[]).await;
    for login in ["boss", "nobody"] {
        for _ in 0..TRIES {
            let refused = house.try_in(login, "wrong", 1).await.unwrap_err();
            assert!(matches!(refused, AccessError::WrongPassword), "{refused}");
        }
        // Even the right password does not help now.
        let refused = house.try_in(login, LONG, 2).await.unwrap_err();
        assert!(
            matches!(refused, AccessError::LockedOut { minutes: 14 }),
            "{refused}"
        );
    }
    house
        .try_in("boss", LONG, 2 + LOCKED_MINUTES)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_ends_idle_and_in_any_case() {
    let house = house().await;
    house.add("boss", Role::StreetSupervisor, &[]).await;
    let token = house.try_in("boss", LONG, 0).await.unwrap();
    let holds = async |minutes| {
        let found = session::find(&house.store, &token, at(minutes)).await;
        found.unwrap().is_some()
    };
    assert!(holds(59).await);
    assert!(holds(118).await, "seen at 59");
    assert!(!holds(118 + 60).await, "idle for an hour");
    for minute in (118..720).step_by(50) {
        assert!(holds(minute).await, "{minute}");
    }
    assert!(!holds(720).await, "twelve hours");
    assert!(
        session::find(&house.store, "other", at(1))
            .await
            .unwrap()
            .is_none()
    );
    let stored = "SELECT digest FROM app_session";
    let row = house
        .store
        .db()
        .query_one_raw(crate::store::bulk::statement(house.store.db(), stored, []))
        .await;
    let digest: String = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_ne!(digest, token);
    assert_eq!(digest, secret::digest(&token));
}

#[tokio::test]
async fn a_change_of_a_user_ends_its_sessions() {
    let house = house().await;
    house.add("admin2", Role::Administrator, &[]).await;
    house.add("boss", Role::StreetSupervisor, &[]).await;
    let token = house.try_in("boss", LONG, 0).await.unwrap();
    let now = profile("boss", Role::ReadOnly, &[]);
    user::change(&house.store, &now, true, "admin2", at(1))
        .await
        .unwrap();
    assert!(
        session::find(&house.store, &token, at(2))
            .await
            .unwrap()
            .is_none()
    );
    let refused = house.try_in("boss", LONG, 3).await.unwrap_err();
    assert!(
        matches!(refused, AccessError::WrongPassword),
        "disabled: {refused}"
    );
    let last = profile("admin2", Role::Administrator, &[]);
    let refused = user::change(&house.store, &last, true, "admin2", at(4)).await;
    assert!(matches!(refused, Err(AccessError::LastAdministrator(_))));
}

#[tokio::test]
async fn users_that_cannot_be() {
    let house = house().await;
    let make = async |profile: &Profile, password: &str| {
        let made = user::create(&house.store, &house.hasher, profile, password, "a", at(0)).await;
        made.map_err(|e| e.to_string())
    };
    let company = profile("kj", Role::CompanyAccountant, &[]);
    assert!(
        make(&company, LONG)
            .await
            .unwrap_err()
            .starts_with("访问-1005")
    );
    let odd = profile("a b", Role::Inspector, &[]);
    assert!(make(&odd, LONG).await.unwrap_err().starts_with("访问-1005"));
    let good = profile("kj", Role::CompanyAccountant, &["C01"]);
    for weak in [PASSWORD, "kj12345678", "1111111111", "0123456789"] {
        let refused = make(&good, weak).await.unwrap_err();
        assert!(refused.starts_with("访问-1003"), "{weak}: {refused}");
    }
    make(&good, LONG).await.unwrap();
    assert!(
        make(&good, LONG)
            .await
            .unwrap_err()
            .starts_with("访问-1004")
    );
    let found = user::find(house.store.db(), "kj").await.unwrap().unwrap();
    assert_eq!((found.scope.clone(), found.must_change), (good.scope, true));
    // The database refuses it too, whatever the program does.
    let raw = house.store.db();
    let sql = "UPDATE app_user SET all_organisations = 1";
    assert!(raw.execute_unprepared(sql).await.is_err());
    assert!(
        raw.execute_unprepared("DELETE FROM app_user")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_first_code_works_once() {
    let house = house().await;
    let admin = profile("root1", Role::Administrator, &[]);
    let take = async |code: &str| {
        let taken = first::take(&house.store, &house.hasher, code, &admin, LONG, at(0)).await;
        taken.map_err(|e| e.to_string())
    };
    let old = first::offer(&house.store).await.unwrap().unwrap();
    let code = first::offer(&house.store).await.unwrap().unwrap();
    assert!(take(&old).await.unwrap_err().starts_with("访问-1007"));
    take(&code.to_lowercase()).await.unwrap();
    assert!(take(&code).await.unwrap_err().starts_with("访问-1007"));
    assert_eq!(first::offer(&house.store).await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_line_of_the_log_is_found() {
    let house = house().await;
    for i in 0..4 {
        let object = i.to_string();
        let act = Act::new("import.submit", "kj").object(&object);
        log::append(&house.store, &act, at(i)).await.unwrap();
    }
    let raw = house.store.db();
    assert_eq!(log::verify(raw).await.unwrap(), 4);
    for sql in [
        "UPDATE access_log SET login = 'x'",
        "DELETE FROM access_log",
    ] {
        assert!(raw.execute_unprepared(sql).await.is_err(), "{sql}");
    }
    raw.execute_unprepared("DROP TRIGGER \"access_log_update_LEDGER_2001\"")
        .await
        .unwrap();
    raw.execute_unprepared("UPDATE access_log SET object = '9' WHERE position = 3")
        .await
        .unwrap();
    let found = log::verify(raw).await.unwrap_err();
    assert!(
        matches!(found, AccessError::LogChanged { position: 3 }),
        "{found}"
    );
}

#[tokio::test]
async fn looking_behind_the_mask_needs_a_reason_and_is_logged() {
    assert_eq!(
        reveal::masked("付甲 13800001234 款").as_deref(),
        Some("付甲 ***1234 款")
    );
    assert_eq!(
        reveal::masked("账号6222020000001111").as_deref(),
        Some("账号***1111")
    );
    assert_eq!(
        reveal::masked("证件42010019700101123X").as_deref(),
        Some("证件***123X")
    );
    assert_eq!(reveal::masked("2024年12月租金 1234567.00 元"), None);
    let house = house().await;
    let look = async |reason| {
        reveal::reveal(
            &house.store,
            "boss",
            "C01",
            "2024-01-记-0001",
            reason,
            at(0),
        )
        .await
    };
    assert!(matches!(look(" ").await, Err(AccessError::ReasonMissing)));
    look("核对收款人").await.unwrap();
    let (lines, total) = log::page(house.store.db(), 0, 10).await.unwrap();
    assert_eq!(total, 1);
    assert_eq!(lines[0].reason.as_deref(), Some("核对收款人"));
}
