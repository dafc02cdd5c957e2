//! Users: who they are, what role they have, which organisations they see. They are disabled, never deleted.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use sea_orm::{ConnectionTrait, QueryResult};

use super::log::{self, Act};
use super::password::Hasher;
use super::{AccessError, Scope};
use crate::model::Role;
use crate::store::Store;
use crate::store::bulk::statement;

/// A user as shown; the hash of the password stays in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    /// The password was set by somebody else and must be changed at the next login.
    pub must_change: bool,
    pub disabled: bool,
    /// Pages are shown in large type.
    pub large_type: bool,
    pub created_at: NaiveDateTime,
}

/// A user to be made or changed.
#[derive(Debug, Clone)]
pub struct Profile {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
}

impl Profile {
    pub(super) fn check(&self) -> Result<(), AccessError> {
        let bad = |text: &str| Err(AccessError::BadUser(text.to_owned()));
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
        if !(2..=64).contains(&self.login.len()) || !self.login.chars().all(plain) {
            return bad("登录名用 2 到 64 个字母、数字或 . - _ @");
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 64 {
            return bad("请填姓名,最多 64 个字");
        }
        match (&self.scope, is_company(self.role)) {
            (Scope::All, true) => bad("公司的人不能看全部单位,请选定单位"),
            (Scope::Only(codes), _) if codes.is_empty() => bad("请至少选一个单位"),
            _ => Ok(()),
        }
    }
}

/// Roles of companies, which see their own organisations only.
pub fn is_company(role: Role) -> bool {
    matches!(role, Role::CompanyAccountant | Role::CompanyOfficer)
}

/// Makes a user with a first password, which its owner must change. `by` is the login of who does it.
///
/// # Errors
/// [`AccessError::BadUser`], [`AccessError::WeakPassword`], [`AccessError::LoginTaken`].
pub async fn create(
    store: &Store,
    hasher: &Hasher,
    profile: &Profile,
    password: &str,
    by: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    profile.check()?;
    let hash = hasher.hash(&profile.login, password).await?;
    let transaction = store.begin().await?;
    insert(&transaction, profile, &hash, profile.login != by, now).await?;
    let act = Act::new("user.create", by).object(&profile.login);
    log::append_in(&transaction, &act.reason(&described(profile)), now).await?;
    Ok(transaction.commit().await?)
}

/// Writes a new user with the hash of its password.
pub(super) async fn insert<C: ConnectionTrait>(
    connection: &C,
    profile: &Profile,
    hash: &str,
    must_change: bool,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    if find(connection, &profile.login).await?.is_some() {
        return Err(AccessError::LoginTaken(profile.login.clone()));
    }
    let sql = "INSERT INTO app_user (login, name, role, all_organisations, password, must_change, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = [
        profile.login.clone().into(),
        profile.name.trim().into(),
        profile.role.code().into(),
        i64::from(profile.scope == Scope::All).into(),
        hash.into(),
        i64::from(must_change).into(),
        now.into(),
    ];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    write_scope(connection, profile).await
}

async fn write_scope<C: ConnectionTrait>(
    connection: &C,
    profile: &Profile,
) -> Result<(), AccessError> {
    let sql = "DELETE FROM user_organisation WHERE login = ?";
    let values = [profile.login.clone().into()];
    connection
        .execute_raw(statement(connection, sql, values))
        .await?;
    if let Scope::Only(codes) = &profile.scope {
        for code in codes {
            let sql = "INSERT INTO user_organisation (login, organisation) VALUES (?, ?)";
            let values = [profile.login.clone().into(), code.clone().into()];
            connection
                .execute_raw(statement(connection, sql, values))
                .await?;
        }
    }
    Ok(())
}

/// Changes name, role and scope, and whether the user may log in; open sessions end, so that the change holds at once.
///
/// # Errors
/// [`AccessError::BadUser`], [`AccessError::UnknownUser`], [`AccessError::LastAdministrator`].
pub async fn change(
    store: &Store,
    profile: &Profile,
    disabled: bool,
    by: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    profile.check()?;
    let transaction = store.begin().await?;
    let sql = "UPDATE app_user SET name = ?, role = ?, all_organisations = ?, disabled = ? WHERE login = ?";
    let values = [
        profile.name.trim().into(),
        profile.role.code().into(),
        i64::from(profile.scope == Scope::All).into(),
        i64::from(disabled).into(),
        profile.login.clone().into(),
    ];
    let done = transaction
        .execute_raw(statement(&transaction, sql, values))
        .await?;
    if done.rows_affected() == 0 {
        return Err(AccessError::UnknownUser(profile.login.clone()));
    }
    write_scope(&transaction, profile).await?;
    let all = list(&transaction).await?;
    let administers = |u: &User| u.role == Role::Administrator && !u.disabled;
    if !all.iter().any(administers) {
        let what = "不能停用或改换最后一位系统管理员";
        return Err(AccessError::LastAdministrator(what));
    }
    end_sessions(&transaction, &profile.login).await?;
    let state = if disabled { ",停用" } else { "" };
    let what = format!("{}{state}", described(profile));
    let act = Act::new("user.change", by).object(&profile.login);
    log::append_in(&transaction, &act.reason(&what), now).await?;
    Ok(transaction.commit().await?)
}

/// Sets a password. Set by somebody else, it must be changed at the next login, and failed tries are forgotten.
///
/// # Errors
/// [`AccessError::UnknownUser`], [`AccessError::WeakPassword`].
pub async fn set_password(
    store: &Store,
    hasher: &Hasher,
    login: &str,
    password: &str,
    by: &str,
    now: NaiveDateTime,
) -> Result<(), AccessError> {
    let hash = hasher.hash(login, password).await?;
    let transaction = store.begin().await?;
    let sql = "UPDATE app_user SET password = ?, must_change = ? WHERE login = ?";
    let must_change = i64::from(login != by);
    let values = [hash.into(), must_change.into(), login.into()];
    let done = transaction
        .execute_raw(statement(&transaction, sql, values))
        .await?;
    if done.rows_affected() == 0 {
        return Err(AccessError::UnknownUser(login.to_owned()));
    }
    end_sessions(&transaction, login).await?;
    let sql = "DELETE FROM login_failure WHERE login = ?";
    transaction
        .execute_raw(statement(&transaction, sql, [login.into()]))
        .await?;
    let act = Act::new("user.password", by).object(login);
    log::append_in(&transaction, &act, now).await?;
    Ok(transaction.commit().await?)
}

async fn end_sessions<C: ConnectionTrait>(connection: &C, login: &str) -> Result<(), AccessError> {
    let sql = "DELETE FROM app_session WHERE login = ?";
    connection
        .execute_raw(statement(connection, sql, [login.into()]))
        .await?;
    Ok(())
}

/// Remembers whether a user reads large type.
pub async fn set_large_type(store: &Store, login: &str, large: bool) -> Result<(), AccessError> {
    let db = store.db();
    let sql = "UPDATE app_user SET large_type = ? WHERE login = ?";
    let values = [i64::from(large).into(), login.into()];
    db.execute_raw(statement(db, sql, values)).await?;
    Ok(())
}

const COLUMNS: &str =
    "login, name, role, all_organisations, must_change, disabled, large_type, created_at";

/// Every user, by login name.
pub async fn list<C: ConnectionTrait>(connection: &C) -> Result<Vec<User>, AccessError> {
    let mut scopes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let sql = "SELECT login, organisation FROM user_organisation";
    for row in connection
        .query_all_raw(statement(connection, sql, []))
        .await?
    {
        let codes = scopes.entry(row.try_get_by_index(0)?).or_default();
        codes.insert(row.try_get_by_index(1)?);
    }
    let sql = format!("SELECT {COLUMNS} FROM app_user ORDER BY login");
    let rows = connection
        .query_all_raw(statement(connection, &sql, []))
        .await?;
    let users = rows.iter().map(|row| {
        let login: String = row.try_get_by_index(0)?;
        user(row, scopes.remove(&login).unwrap_or_default())
    });
    users.collect()
}

/// The user of a login name.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    login: &str,
) -> Result<Option<User>, AccessError> {
    let sql = format!("SELECT {COLUMNS} FROM app_user WHERE login = ?");
    let row = connection
        .query_one_raw(statement(connection, &sql, [login.into()]))
        .await?;
    let Some(row) = row else { return Ok(None) };
    let sql = "SELECT organisation FROM user_organisation WHERE login = ?";
    let rows = connection
        .query_all_raw(statement(connection, sql, [login.into()]))
        .await?;
    let codes = rows.iter().map(|r| r.try_get_by_index(0));
    user(&row, codes.collect::<Result<_, _>>()?).map(Some)
}

fn user(row: &QueryResult, codes: BTreeSet<String>) -> Result<User, AccessError> {
    let role: String = row.try_get_by_index(2)?;
    let flag = |at| Ok::<bool, sea_orm::DbErr>(row.try_get_by_index::<i64>(at)? != 0);
    Ok(User {
        login: row.try_get_by_index(0)?,
        name: row.try_get_by_index(1)?,
        role: role
            .parse()
            .map_err(|e: crate::model::UnknownRole| AccessError::BadUser(e.to_string()))?,
        scope: match flag(3)? {
            true => Scope::All,
            false => Scope::Only(codes),
        },
        must_change: flag(4)?,
        disabled: flag(5)?,
        large_type: flag(6)?,
        created_at: row.try_get_by_index(7)?,
    })
}

fn described(profile: &Profile) -> String {
    let scope = match &profile.scope {
        Scope::All => "全部单位".to_owned(),
        Scope::Only(codes) => codes.iter().cloned().collect::<Vec<_>>().join("、"),
    };
    format!("{},{},{scope}", profile.name.trim(), profile.role)
}
