//! The register of organisations and clients, as the database last told it: asked at first need and
//! again every half minute, so that a change counts within a minute in every process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::error;

use crate::domain::caller::Organisation;
use crate::domain::client::{Client, ClientId, ClientKeys, FrontDoor};
use crate::domain::ods_code::OdsCode;
use crate::domain::thumbprint::Thumbprint;
use crate::identity::{HeldKeys, Jwks};
use crate::key_sets::{FollowedKeys, KeySets};
use crate::store::job_roles::JobRoles;
use crate::store::{Store, StoreError, clients, job_roles, organisations};

/// How often the register is asked for again.
pub const REFRESH: Duration = Duration::from_secs(30);

/// How old the last reading may be before a request asks again itself: whatever keeps the task that
/// refreshes from its work, what was revoked is refused within a minute.
const AGE_MAX: TimeDelta = TimeDelta::seconds(50);

/// What was on the register at a moment.
pub struct Registered {
    organisations: HashMap<OdsCode, Organisation>,
    clients: HashMap<ClientId, RegisteredClient>,
    roles: JobRoles,
    read_at: DateTime<Utc>,
}

/// A client, and its keys where they are on the register.
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// Its keys.
    pub keys: Option<RegisteredKeys>,
}

/// A client's keys, as they are held.
pub struct RegisteredKeys {
    /// What is held of them.
    pub held: Arc<HeldKeys>,
    /// The URL where they are followed, if they are.
    pub followed: Option<Arc<FollowedKeys>>,
}

impl Registered {
    /// An organisation, if it is registered.
    #[must_use]
    pub fn organisation(&self, code: &OdsCode) -> Option<&Organisation> {
        self.organisations.get(code)
    }

    /// The gateway that is known by this certificate.
    #[must_use]
    pub fn gateway(&self, certificate: Thumbprint) -> Option<&RegisteredClient> {
        self.clients.values().find(|registered| {
            let client = &registered.client;
            client.front_door == FrontDoor::Gateway
                && client.certificate == Some(certificate)
                && !client.is_revoked
        })
    }

    /// The activities of a job role, by the last of its codes, which is the role itself.
    #[must_use]
    pub fn activities_of(&self, job_role: &str) -> Vec<String> {
        let role = job_role.rsplit(':').next().unwrap_or_default();
        let activities = self.roles.get(role);
        activities.into_iter().flatten().cloned().collect()
    }

    /// A client, if it is registered or was.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<&RegisteredClient> {
        let id = ClientId::parse(id).ok()?;
        self.clients.get(&id)
    }
}

/// The register.
pub struct Register {
    current: RwLock<Option<Arc<Registered>>>,
    key_sets: Arc<KeySets>,
}

impl Register {
    /// A register that has not been read yet, whose clients' keys are followed among these.
    #[must_use]
    pub fn of(key_sets: Arc<KeySets>) -> Self {
        Self {
            current: RwLock::default(),
            key_sets,
        }
    }

    /// What is registered.
    ///
    /// # Errors
    /// [`StoreError`] when the register has never been read and cannot be read now.
    pub async fn current(
        &self,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<Arc<Registered>, StoreError> {
        let held = self.held();
        match held {
            None => self.refresh(store, now).await,
            Some(held) if now.signed_duration_since(held.read_at) <= AGE_MAX => Ok(held),
            // Where it cannot be read, the last reading stands: nothing is disclosed then anyway.
            Some(held) => Ok(self.refresh(store, now).await.unwrap_or(held)),
        }
    }

    /// Reads the register anew. When that fails the last reading stands.
    ///
    /// # Errors
    /// [`StoreError`] when the register cannot be read.
    pub async fn refresh(
        &self,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<Arc<Registered>, StoreError> {
        let (organisations, clients, roles) = store
            .snapshot(|postgres| {
                Ok((
                    organisations::register(postgres)?,
                    clients::register(postgres)?,
                    job_roles::register(postgres)?,
                ))
            })
            .await?;
        let clients = clients.into_iter();
        let clients = clients.map(|client| with_keys(client, &self.key_sets));
        let read = Arc::new(Registered {
            organisations,
            clients: clients.collect(),
            roles,
            read_at: now,
        });
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&read));
        Ok(read)
    }

    fn held(&self) -> Option<Arc<Registered>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A client whose keys cannot be used proves nothing, and keeps nobody else from asking.
fn with_keys((id, client): (ClientId, Client), key_sets: &KeySets) -> (ClientId, RegisteredClient) {
    let keys = match &client.keys {
        None => None,
        Some(ClientKeys::At(url)) => {
            let followed = key_sets.follow(url);
            Some(RegisteredKeys {
                held: Arc::clone(&followed.held),
                followed: Some(followed),
            })
        }
        Some(ClientKeys::Set(set)) => match Jwks::from_json(set) {
            Ok(keys) => Some(RegisteredKeys {
                held: Arc::new(HeldKeys::fixed(keys)),
                followed: None,
            }),
            Err(cause) => {
                let cause = cause.to_string();
                error!(client.id = %id, cause, "A client's registered keys cannot be used");
                None
            }
        },
    };
    (id, RegisteredClient { client, keys })
}
