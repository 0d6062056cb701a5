"""A site's worker: Django for its settings, celery for its queue."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")

import boto3
import redis
import sentry_sdk
from celery import Celery
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from sentry_sdk.integrations.django import DjangoIntegration

worker = Celery("site")


@worker.task
def publish(name):
    boto3.client("s3").put_object(Bucket=settings.BUCKET, Key=name)
    redis.Redis().publish("done", name)


def application():
    sentry_sdk.init(integrations=[DjangoIntegration()])
    return get_wsgi_application()
