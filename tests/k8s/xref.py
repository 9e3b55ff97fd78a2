"""What schemas cannot see: that the objects of one environment fit together.

xref.py BUILD… [--template FILE…]: each build is what `kubectl kustomize` printed; templates are of secrets that are
applied by hand. Prints what is wrong, and exits 1 on anything.
"""

import argparse
import sys

import rules_objects
import rules_pods
from bundle import Bundle

RULES = rules_objects.RULES + rules_pods.RULES


def problems(bundle):
    return [problem for rule in RULES for problem in rule(bundle)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="+")
    parser.add_argument("--template", nargs="*", default=[])
    arguments = parser.parse_args()
    failed, count = False, 0
    for build in arguments.builds:
        bundle = Bundle.read(build, arguments.template)
        for problem in problems(bundle):
            failed = True
            print(f"{build}: {problem}")
        count += len(bundle.docs)
    print(f"{count} objects of {len(arguments.builds)} environments by {len(RULES)} rules")
    return failed


if __name__ == "__main__":
    sys.exit(main())
