"""How much CPU time `gracekeeper check` takes, beside the YAML parser alone on the same files in the same run.

A thousand Deployments of about 2 KB are written to a temporary folder. Each pair of measurements runs both programs one
after the other, start-up included, in alternating order, and counts the CPU seconds of all their processes; the medians
over all pairs are printed. Ratios carry over from one machine to another, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

PARSER_ALONE = """\
import sys
from pathlib import Path
import yaml
for path in sorted(Path(sys.argv[1]).iterdir()):
    for document in yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader):
        pass
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{number:04}
  namespace: team-{team}
  labels: &labels
    app.kubernetes.io/name: shop-{number:04}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/version: "1.{number}.0"
spec:
  replicas: {replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: shop-{number:04}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      labels: *labels
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "8000"
    spec:
      serviceAccountName: shop
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: {grace}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        fsGroup: 10001
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: web
          image: registry.example.com/shop/web:1.{number}.0
          command: {command}
          env:
            - name: WEB_CONCURRENCY
              value: "{workers}"
            - name: PYTHONUNBUFFERED
              value: "1"
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef: {{name: shop-database, key: url}}
          ports:
            - name: http
              containerPort: 8000
              protocol: TCP
          resources:
            requests: {{cpu: 250m, memory: 256Mi}}
            limits: {{memory: 512Mi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          startupProbe:
            httpGet: {{path: /live, port: http}}
            periodSeconds: 2
            failureThreshold: 30
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
            periodSeconds: 5
          livenessProbe:
            httpGet: {{path: /live, port: http}}
            periodSeconds: 10
            failureThreshold: 6
          lifecycle:
            preStop:
              sleep: {{seconds: {delay}}}
          volumeMounts:
            - {{name: tmp, mountPath: /tmp}}
      volumes:
        - name: tmp
          emptyDir: {{medium: Memory, sizeLimit: 64Mi}}
"""

COMMANDS = (
    '[gunicorn, "--bind=0.0.0.0:8000", "--graceful-timeout=20", "shop.wsgi:application"]',
    '[uvicorn, "shop.main:app", --host, 0.0.0.0, --port, "8000"]',
    '[sh, -c, "cd /app && exec gunicorn --bind 0.0.0.0:8000 --timeout 45 shop.wsgi"]',
    '[celery, -A, shop, worker, "--concurrency=4"]',
)


def write_manifests(folder: Path, count: int) -> int:
    """Write one Deployment per file, no two alike, and return how many bytes they hold."""
    size = 0
    for number in range(count):
        text = DEPLOYMENT.format(
            number=number,
            team=number % 7,
            replicas=2 + number % 5,
            grace=(30, 45, 60)[number % 3],
            command=COMMANDS[number % len(COMMANDS)],
            workers=1 + number % 4,
            delay=5 + number % 10,
        )
        size += (folder / f"shop-{number:04}.yaml").write_text(text, encoding="utf-8")
    return size


def confirm(checker: list[str], count: int) -> None:
    """End here unless the checker judges all that was written: time that is not spent is not speed."""
    report = json.loads(subprocess.run(checker, stdout=subprocess.PIPE, check=True).stdout)
    if report["summary"]["workloads"] != count:
        sys.exit(f"{count} workloads were written, but the report is: {report['summary']}")


def cpu_seconds(command: list[str]) -> float:
    """Run a program to its end, and return the CPU time of it and of all processes it waited for."""
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def measure(checker: list[str], parser: list[str], pairs: int) -> tuple[list[float], list[float]]:
    """Time both programs `pairs` times, each going first in every other pair."""
    checked: list[float] = []
    parsed: list[float] = []
    for pair in range(pairs):
        both = [(checked, checker), (parsed, parser)]
        for times, command in both if pair % 2 == 0 else reversed(both):
            times.append(cpu_seconds(command))
    return checked, parsed


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--manifests", type=int, default=1000, help="how many Deployments (default: 1000)")
    arguments.add_argument("--pairs", type=int, default=5, help="how many pairs of runs (default: 5)")
    options = arguments.parse_args()
    gracekeeper = str(Path(sysconfig.get_path("scripts"), "gracekeeper"))
    with tempfile.TemporaryDirectory() as folder:
        size = write_manifests(Path(folder), options.manifests)
        checker = [gracekeeper, "check", "--format", "json", "--fail-on", "never", folder]
        parser = [sys.executable, "-c", PARSER_ALONE, folder]
        confirm(checker, options.manifests)
        checked, parsed = measure(checker, parser, options.pairs)
    ratios = [check / parse for check, parse in zip(checked, parsed, strict=True)]
    kilobytes = size / options.manifests / 1000
    print(f"{options.manifests} Deployments, {kilobytes:.1f} KB each, {options.pairs} pairs of runs")
    print(f"gracekeeper check   {statistics.median(checked):6.2f} CPU-s, start-up included")
    print(f"PyYAML's C loader   {statistics.median(parsed):6.2f} CPU-s, start-up included")
    print(f"ratio               {statistics.median(ratios):6.2f} (from {min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
