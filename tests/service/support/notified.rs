//! What a local authority's system asks: the notifications of its authority, and to take note of
//! those it has.

use cpis_fhir::domain::channel::{Channel, Endpoint, Mailbox, RestHook, SecretName};
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::notifier::sending::{Notifier, Worked};
use cpis_fhir::sandbox::role::SandboxRole::{self, NotifiedAuthority};
use cpis_fhir::store::channels::{self, Setting};
use cpis_fhir::store::operator::Operator;
use cpis_fhir::store::provision::OWNER;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::answers::Answer;
use super::clock::wait_until;
use super::database::cluster;
use super::people::a_person;
use super::service::TestService;

impl TestService {
    /// A look, by a person of this number, at the child of this NHS number.
    pub fn look(&self, number: u32, nhs_number: &str) {
        let person = a_person().known_as(&format!("55500000{number:04}"));
        let path = format!("Flag?patient:identifier={nhs_number}");
        let answer = self.get_as(&self.token_of(&person), &path);
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.settle();
    }

    /// Waits until what was queued has arrived: what any transaction of the cluster might still
    /// come before is not told yet, and other tests have transactions too.
    pub fn settle(&self) {
        let waiting = "select count(*) from notifications where transaction_id \
                       >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
        wait_until(|| self.number(waiting) == 0);
    }

    /// GET of a path, as the system of the first authority that reads what it is told.
    pub fn pull(&self, path: &str) -> Answer {
        self.settle();
        self.get_as(&self.token(NotifiedAuthority), path)
    }

    /// All that the first authority is told.
    pub fn told(&self) -> Vec<Value> {
        self.pull("Communication").matches()
    }

    /// POST of a resource, in a role.
    pub fn post_as(&self, role: SandboxRole, path: &str, resource: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/fhir+json"),
        ];
        self.ask("POST", path, &headers, resource.to_string().as_bytes())
    }

    /// Sets an authority's channel, as the operator does.
    pub fn set_channel(&self, authority: &str, channel: &Channel) {
        let authority = OdsCode::parse(authority).unwrap();
        let mut operator = Operator::connect(&cluster().url(OWNER, &self.database)).unwrap();
        let by = ("an operator", self.now());
        let set = operator.run(|postgres| channels::set(postgres, &authority, channel, by));
        assert_eq!(set.unwrap(), Setting::Set);
    }

    /// Subscribes the first authority to all that it is told, in full, and works until the endpoint
    /// has answered the handshake, if it does.
    pub fn subscribe(&self, url: &str) -> Answer {
        self.set_channel("E90001", &a_rest_hook(url));
        let answer = self.post_as(NotifiedAuthority, "Subscription", &a_subscription(url));
        assert_eq!(answer.status, 201, "{}", answer.text);
        work(&self.notifier);
        answer
    }

    /// Works until there is nothing to do; how much there was.
    pub fn work(&self) -> usize {
        self.settle();
        work(&self.notifier)
    }

    /// Says that notifications have been received; the outcome.
    pub fn acknowledge(&self, role: SandboxRole, told: &[&Value]) -> Value {
        let named: Vec<Value> = told
            .iter()
            .map(|one| json!({ "name": "id", "valueId": one["id"] }))
            .collect();
        let parameters = json!({ "resourceType": "Parameters", "parameter": named });
        let answer = self.post_as(role, "Communication/$acknowledge", &parameters);
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

/// A rest-hook without a secret.
pub fn a_rest_hook(url: &str) -> Channel {
    Channel::RestHook(RestHook {
        endpoint: Endpoint::parse(url).unwrap(),
        secret_name: None,
    })
}

/// A rest-hook that is opened with the secret of a name.
pub fn a_rest_hook_with(url: &str, secret: &str) -> Channel {
    Channel::RestHook(RestHook {
        endpoint: Endpoint::parse(url).unwrap(),
        secret_name: SecretName::parse(secret),
    })
}

/// A mailbox.
pub fn a_mailbox(id: &str) -> Channel {
    Channel::Mesh(Mailbox::parse(id).unwrap())
}

/// A subscription as a system asks for it: in full, with a heartbeat after an hour.
pub fn a_subscription(url: &str) -> Value {
    let guide = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";
    json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Alerts for the duty team",
        "criteria": "https://cpis-fhir.invalid/SubscriptionTopic/notification",
        "channel": {
            "extension": [{
                "url": format!("{guide}/backport-heartbeat-period"), "valueUnsignedInt": 3600,
            }],
            "type": "rest-hook",
            "endpoint": url,
            "payload": "application/fhir+json",
            "_payload": { "extension": [{
                "url": format!("{guide}/backport-payload-content"), "valueCode": "full-resource",
            }] },
        },
    })
}

/// What a worker runs on.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Works until there is nothing to do; how much there was.
pub fn work(notifier: &Notifier) -> usize {
    runtime().block_on(async {
        let mut pieces = 0;
        while notifier.work().await.unwrap() == Worked::Something {
            pieces += 1;
        }
        pieces
    })
}
