"""Writes folders of manifests to measure with: Deployments of about 2 KB, some of them with faults.

They come from sixty moulds, as one organisation's do, and differ in their names, or each is of a mould of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{number:05}
  namespace: team-{team}
  labels:
    app.kubernetes.io/name: shop-{number:05}
    app.kubernetes.io/part-of: shop
    app.kubernetes.io/version: "1.{number}.0"
spec:
  replicas: {replicas}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: shop-{number:05}
  strategy:
    type: RollingUpdate
    rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: shop-{number:05}
        app.kubernetes.io/part-of: shop
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
            - name: SHOP
              value: {shop}
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

_COMMANDS: Final = (
    '[gunicorn, "--bind=0.0.0.0:8000", "--graceful-timeout=20", "shop.wsgi:application"]',
    '[uvicorn, "shop.main:app", --host, 0.0.0.0, --port, "8000"]',
    '[sh, -c, "cd /app && exec gunicorn --bind 0.0.0.0:8000 --timeout 45 shop.wsgi"]',
    '[celery, -A, shop, worker, "--concurrency=4"]',
)


def deployment(number: int, *, of_a_mould: bool) -> str:
    """The manifest of one Deployment; one that is of no mould has a variable of its own."""
    return _DEPLOYMENT.format(
        number=number,
        team=number % 7,
        replicas=2 + number % 5,
        grace=(30, 45, 60)[number % 3],
        command=_COMMANDS[number % len(_COMMANDS)],
        workers=1 + number % 4,
        shop="main" if of_a_mould else f"shop-{number:05}",
        delay=5 + number % 10,
    )


def write_folder(folder: Path, count: int, *, of_moulds: bool = True) -> int:
    """Write `count` Deployments, one a file, and return how many bytes they hold."""
    folder.mkdir(parents=True)
    return sum(
        (folder / f"shop-{number:05}.yaml").write_text(deployment(number, of_a_mould=of_moulds), encoding="utf-8")
        for number in range(count)
    )


_FAULTY: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{number:05}
  namespace: shop
spec:
  selector: {{matchLabels: {{app: shop-{number:05}}}}}
  template:
    metadata:
      labels:
        app: shop-{number:05}
    spec:
      terminationGracePeriodSeconds: 20
      containers:
        - name: web
          image: registry.example.com/shop/web-{number:05}
          command: [gunicorn, "--bind=0.0.0.0:8000", "--graceful-timeout=30", "shop.wsgi:application"]
          env:
            - name: SHOP
              value: shop-{number:05}
          resources:
            requests: {{cpu: 100m}}
"""


def write_faulty_folder(folder: Path, count: int) -> None:
    """Write `count` Deployments, one a file, each with a dozen findings of which most can be fixed in the text."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"shop-{number:05}.yaml").write_text(_FAULTY.format(number=number), encoding="utf-8")
