//! How a process is named as the owner of runs.

/// What the column holds.
const LONGEST: usize = 64;
/// Hexadecimal digits that no other process has: 48 bits at random.
const RANDOM: usize = 12;

/// `role-instance-random`. Two processes never have the same, also one after the other on one host: the fence of a run
/// depends on it. Of an instance that is too long the end stays, which tells pods apart.
pub(super) fn owner(role: &str, instance: &str) -> String {
    let random = uuid::Uuid::now_v7().simple().to_string();
    // The end of a UUIDv7 is its random part.
    let random = &random[random.len() - RANDOM..];
    let room = LONGEST.saturating_sub(role.len() + RANDOM + 2);
    let length = instance.chars().count();
    let end: String = instance.chars().skip(length.saturating_sub(room)).collect();
    format!("{role}-{end}-{random}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_names_its_instance_and_is_of_one_process() {
        let (one, other) = (owner("daemon", "pod-abcde"), owner("daemon", "pod-abcde"));
        assert!(one.starts_with("daemon-pod-abcde-") && one != other, "{one} {other}");
        assert_eq!(one.len(), "daemon-pod-abcde-".len() + RANDOM);
    }

    #[test]
    fn of_a_long_instance_the_end_stays() {
        let name = format!("{}-data-infrastructure-7c9d8b6f5d-abcde", "namespace".repeat(20));
        for role in ["daemon", "cli"] {
            let owner = owner(role, &name);
            assert_eq!(owner.len(), LONGEST, "{owner}");
            assert!(owner.starts_with(&format!("{role}-")), "{owner}");
            assert!(owner.contains("-data-infrastructure-7c9d8b6f5d-abcde-"), "{owner}");
        }
    }
}
