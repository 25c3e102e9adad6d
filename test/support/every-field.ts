/** A DeviceModel and a Device with every field of the device API, as manifests elsewhere carry them. */
export function everyField(nodeName: string): string {
  return `
apiVersion: devices.kubeedge.io/v1beta1
kind: DeviceModel
metadata:
  name: every-field
spec:
  protocol: modbus
  protocolConfigData: { baud: 9600, nested: { list: [1, two] } }
  properties:
    - name: temperature
      description: Temperature in the oven.
      type: INT
      accessMode: ReadWrite
      minimum: '0'
      maximum: '300'
      unit: degree celsius
      visitors:
        protocolName: modbus
        configData: { register: HoldingRegister, offset: 2, limit: 1 }
---
apiVersion: devices.kubeedge.io/v1beta1
kind: Device
metadata:
  name: every-field
spec:
  deviceModelRef:
    name: every-field
  nodeName: ${nodeName}
  protocol:
    protocolName: modbus
    configData: { serialPort: /dev/ttyS0, baudRate: 9600 }
  methods:
    - name: heat
      description: Heats.
      propertyNames: [temperature]
  stateReport:
    reportToCloud: true
    reportCycle: 10000
  properties:
    - name: temperature
      desired:
        value: '180'
        metadata: { timestamp: '1700000000000', type: int }
      collectCycle: 500
      reportCycle: 1000
      reportToCloud: true
      visitors:
        protocolName: modbus
        configData: { register: HoldingRegister, offset: 2, limit: 1, scale: 0.1 }
      pushMethod:
        http: { hostName: 'http://127.0.0.1', port: 8080, requestPath: /readings, timeout: 500 }
        mqtt: { address: 'tcp://127.0.0.1:1883', topic: readings, qos: 1, retained: false }
        otel: { endpointURL: 'http://localhost:4318/v1/metrics' }
        dbMethod:
          influxdb2:
            influxdb2ClientConfig: { url: 'http://127.0.0.1:8086', org: plant, bucket: oven }
            influxdb2DataConfig: { measurement: oven, tag: { hall: '3' }, fieldKey: temperature }
          redis:
            redisClientConfig: { addr: '127.0.0.1:6379', db: 0, poolsize: 30, minIdleConns: 30 }
          TDEngine:
            TDEngineClientConfig: { addr: '127.0.0.1:6041', dbName: oven }
          mysql:
            mysqlClientConfig: { addr: '127.0.0.1:3306', database: oven, userName: plant }
        anomalyDetection: { threshold: 3 }
`;
}
