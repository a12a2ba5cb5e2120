"""An OpenSLO file with one objective."""

FILE = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: availability, displayName: Checkout availability}
spec:
  service: checkout
  indicator: {spec: {ratioMetric: {bad: {metricSource: {spec: {query: bad}}}, total: {metricSource: {spec: {query: all}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
"""
