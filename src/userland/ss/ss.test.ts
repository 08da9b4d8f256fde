import { expect, test } from "vitest";
import { Console } from "../../testkit/console.ts";

/** iproute2 6.1's columns, recorded: as wide as their widest cell, Process joined to the port. */
test("listeners", () => {
  const console = new Console();
  expect(console.run("ss -uln").text).toBe(
    "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n",
  );
  console.start("nc -luk 5000");
  console.start("nc -luk 53");
  console.run("ping -c1 127.0.0.1");
  expect(console.run("ss -lun").text).toBe(
    "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n" +
      "UNCONN 0      0            0.0.0.0:5000      0.0.0.0:*          \n" +
      "UNCONN 0      0            0.0.0.0:53        0.0.0.0:*          \n",
  );
  expect(console.run("ss -tunH").text).toBe("");
  expect(console.run("ss -m")).toMatchObject({
    status: 95,
    text: "flannelgraph: ss -m is not modelled yet\n",
  });
});

/** `$ ss` and `$ netstat` as the real ones printed them over the same sockets; process numbers are ours. */
test("TCP sockets", () => {
  const console = new Console();
  console.setUp(`ns a b
    wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
    ip -n a addr add 10.1.0.1/24 dev eth0
    ip -n b addr add 10.1.0.2/24 dev eth0`);
  console.start("ip netns exec b nc -lk 80");
  console.start("ip netns exec b nc -lk 5000");
  console.run("ip netns exec a nc -N -p 4001 10.1.0.2 80", "x");
  const client = console.start("ip netns exec a nc -d -p 4000 10.1.0.2 5000");
  console.run("true");
  expect(
    console
      .session(
        `ip netns exec b ss -tln
         ip netns exec b ss -tn
         ip netns exec b ss -tnp
         ip netns exec a ss -tan
         ip netns exec a ss -tano
         ip netns exec a ss -tan state time-wait
         ip netns exec b ss -ltn sport = :80
         ip netns exec b ss -tl
         ip netns exec b netstat -tln
         ip netns exec b netstat -tlnp
         ip netns exec a netstat -tan
         ip netns exec b netstat -tl`,
      )
      .replace(/pid=\d+/g, "pid=N")
      .replace(/\d+\/nc/g, "9/nc"),
  ).toMatchInlineSnapshot(`
    "$ ip netns exec b ss -tln
    State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    LISTEN 0      1            0.0.0.0:80        0.0.0.0:*          
    LISTEN 0      1            0.0.0.0:5000      0.0.0.0:*          
    $ ip netns exec b ss -tn
    State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    ESTAB 0      0           10.1.0.2:5000     10.1.0.1:4000       
    $ ip netns exec b ss -tnp
    State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess                    
    ESTAB 0      0           10.1.0.2:5000     10.1.0.1:4000 users:(("nc",pid=N,fd=4))
    $ ip netns exec a ss -tan
    State     Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    TIME-WAIT 0      0           10.1.0.1:4001     10.1.0.2:80         
    ESTAB     0      0           10.1.0.1:4000     10.1.0.2:5000       
    $ ip netns exec a ss -tano
    State     Recv-Q Send-Q Local Address:Port Peer Address:PortProcess                  
    TIME-WAIT 0      0           10.1.0.1:4001     10.1.0.2:80   timer:(timewait,59sec,0)
    ESTAB     0      0           10.1.0.1:4000     10.1.0.2:5000                         
    $ ip netns exec a ss -tan state time-wait
    Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    0      0           10.1.0.1:4001     10.1.0.2:80         
    $ ip netns exec b ss -ltn sport = :80
    State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    LISTEN 0      1            0.0.0.0:80        0.0.0.0:*          
    $ ip netns exec b ss -tl
    State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
    LISTEN 0      1            0.0.0.0:http      0.0.0.0:*          
    LISTEN 0      1            0.0.0.0:5000      0.0.0.0:*          
    $ ip netns exec b netstat -tln
    Active Internet connections (only servers)
    Proto Recv-Q Send-Q Local Address           Foreign Address         State      
    tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN     
    tcp        0      0 0.0.0.0:5000            0.0.0.0:*               LISTEN     
    $ ip netns exec b netstat -tlnp
    Active Internet connections (only servers)
    Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    
    tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN      9/nc               
    tcp        0      0 0.0.0.0:5000            0.0.0.0:*               LISTEN      9/nc               
    $ ip netns exec a netstat -tan
    Active Internet connections (servers and established)
    Proto Recv-Q Send-Q Local Address           Foreign Address         State      
    tcp        0      0 10.1.0.1:4001           10.1.0.2:80             TIME_WAIT  
    tcp        0      0 10.1.0.1:4000           10.1.0.2:5000           ESTABLISHED
    $ ip netns exec b netstat -tl
    Active Internet connections (only servers)
    Proto Recv-Q Send-Q Local Address           Foreign Address         State      
    tcp        0      0 0.0.0.0:http            0.0.0.0:*               LISTEN     
    tcp        0      0 0.0.0.0:5000            0.0.0.0:*               LISTEN     
    "
  `);
  client.kill("TERM");
});
